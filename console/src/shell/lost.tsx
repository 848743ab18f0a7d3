import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { PageHead } from '~/ui/page'
import { Empty, Failed } from '~/ui/state'

/** A URL that leads nowhere. */
export function Lost() {
  const { t } = useTranslation('shell')
  return (
    <main style={{ padding: 48 }}>
      <PageHead title="Omotenashi" />
      <Empty title={t('lost.title')} text={t('lost.text')} action={<Link to="/">{t('place.home')}</Link>} />
    </main>
  )
}

/** Something in this program broke while a page was drawn. */
export function RouteFailed({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <main style={{ padding: 48 }}>
      <Failed error={error} onAgain={reset} />
    </main>
  )
}
