import { useTranslation } from 'react-i18next'

/** Links open in a new tab; a mail may show its pictures, but asks nobody for styles or letters. */
const RULES = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' data: https:; style-src 'unsafe-inline'; font-src data:"><base target="_blank">`

interface MailFrameProps {
  html: string
  height?: number
}

/**
 * A mail as its reader sees it. The frame has no scripts and no origin, so that whatever is in the mail
 * cannot touch the console; links open in a new tab.
 */
export function MailFrame({ html, height = 560 }: MailFrameProps) {
  const { t } = useTranslation('shell')
  const page = /<head[^>]*>/i.test(html)
    ? html.replace(/<head[^>]*>/i, (head) => `${head}${RULES}`)
    : `<!doctype html><head>${RULES}</head>${html}`
  return (
    <iframe
      title={t('mail')}
      sandbox="allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      srcDoc={page}
      style={{ width: '100%', height, border: '1px solid var(--line)', borderRadius: 7, background: '#fff' }}
    />
  )
}
