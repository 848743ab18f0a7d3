import { Text, UnstyledButton, useComputedColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Pick, RfmAnswer, RfmGroupName } from '~/api/types'
import { useWord } from '~/i18n/word'
import { shade } from '~/lib/heat'
import { useFormat } from '~/lib/use-format'
import classes from './grid.module.css'

/** The best first; to move down this list is to slip away. */
const ORDER: readonly RfmGroupName[] = [
  'champions',
  'loyal',
  'potential_loyalists',
  'new',
  'promising',
  'needs_attention',
  'about_to_sleep',
  'at_risk',
  'cannot_lose',
  'hibernating',
]

type Side = RfmGroupName | 'none'
const SIDES: readonly Side[] = [...ORDER, 'none']
const side = (side: Side) => (side === 'none' ? null : side)

/** Who was where in the range before, and where they are now. */
export function Moves({ rfm, onPick }: { rfm: RfmAnswer; onPick: (pick: Pick) => void }) {
  const { t } = useTranslation('rfm')
  const format = useFormat()
  const word = useWord()
  const dark = useComputedColorScheme('light') === 'dark'
  const counts = new Map(
    rfm.moves.map(({ from, to, customers }) => [`${from ?? 'none'}>${to ?? 'none'}`, customers]),
  )
  const count = (from: Side, to: Side) => counts.get(`${from}>${to}`) ?? 0
  if (rfm.moves.every(({ from }) => from == null)) return <Text c="dimmed">{t('noMoves')}</Text>
  const most = Math.max(
    1,
    ...rfm.moves.filter(({ from, to }) => from !== to && from != null).map(({ customers }) => customers),
  )
  const name = (side: Side, none: string) => (side === 'none' ? none : word('group', side))
  return (
    <>
      <Text c="dimmed" mb="sm">
        {t('movesText')}
      </Text>
      <div style={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label={t('fromTo')}>
        <table className={classes['matrix']} aria-label={t('moves')}>
          <thead>
            <tr>
              <th scope="col" style={{ width: '9rem' }}>
                {t('fromTo')}
              </th>
              {SIDES.map((to) => (
                <th key={to} scope="col">
                  {name(to, t('goneNow'))}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {SIDES.map((from) => (
              <tr key={from}>
                <th scope="row">{name(from, t('notBefore'))}</th>
                {SIDES.map((to) => {
                  const customers = count(from, to)
                  const stays = from === to
                  const { background, ink } = shade(stays || from === 'none' ? 0 : customers / most, dark)
                  return (
                    <td key={to} style={customers > 0 ? { background, color: ink } : undefined}>
                      {customers > 0 ? (
                        <UnstyledButton
                          style={{ font: 'inherit', color: 'inherit' }}
                          aria-label={`${name(from, t('notBefore'))} → ${name(to, t('goneNow'))}: ${format.number(customers)}`}
                          onClick={() => onPick({ type: 'moved', from: side(from), to: side(to) })}
                        >
                          {format.number(customers)}
                        </UnstyledButton>
                      ) : (
                        '·'
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
