// Language and colours before the first paint, so that nobody sees a flash of the wrong ones.
// A file of its own because the Content-Security-Policy allows no inline script.
;(function () {
  var root = document.documentElement
  try {
    var scheme = localStorage.getItem('scheme') || 'auto'
    var dark = scheme === 'dark' || (scheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
    root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
    root.lang = localStorage.getItem('language') || (navigator.language.indexOf('ja') === 0 ? 'ja' : 'en')
  } catch {
    root.setAttribute('data-mantine-color-scheme', 'light')
  }
})()
