import { useTranslation } from 'react-i18next'

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
    ? html.replace(/<head[^>]*>/i, (head) => `${head}<base target="_blank">`)
    : `<!doctype html><head><base target="_blank"></head>${html}`
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
