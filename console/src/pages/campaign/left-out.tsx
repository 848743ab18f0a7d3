import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { LeftOut } from '~/api/types'
import { useWord } from '~/i18n/word'
import { Bars } from '~/ui/bars'

interface LeftOutBarsProps {
  left: readonly LeftOut[]
  of: number
  /** The campaign, when its messages can be listed. */
  id?: string
}

/** Who was left out, by reason, the most first; each reason leads to the people. */
export function LeftOutBars({ left, of, id }: LeftOutBarsProps) {
  const { t } = useTranslation('campaigns')
  const word = useWord()
  if (left.length === 0) return t('nobodyLeftOut')
  return (
    <Bars
      of={of}
      bars={left.map(({ gate, reason, customers }) => {
        const says = word('reason', reason === '' ? gate : reason)
        return {
          key: `${gate}:${reason}`,
          value: customers,
          tone: 'quiet' as const,
          label: id ? (
            <Link to="/campaigns/$id" params={{ id }} search={{ tab: 'people', outcome: 'suppress', reason }}>
              {says}
            </Link>
          ) : (
            says
          ),
        }
      })}
    />
  )
}
