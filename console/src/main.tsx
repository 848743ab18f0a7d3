import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@fontsource-variable/inter/wght.css'
import './theme.css'
import { createRoot } from 'react-dom/client'
import { App } from './app'
import { startLanguage } from './i18n'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element with the id `root`')

await startLanguage()
createRoot(root).render(<App />)

// Japanese letters load in slices, only those that a page shows; the rules for that come after the first paint.
void import('@fontsource-variable/noto-sans-jp/wght.css')
