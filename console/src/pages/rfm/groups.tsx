import { Button, UnstyledButton } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '~/api/session'
import type { Pick, RfmAnswer, RfmGroup } from '~/api/types'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { Table, type Column } from '~/ui/table'

interface GroupTableProps {
  rfm: RfmAnswer
  chosen: string | undefined
  onPick: (pick: Pick) => void
}

/** The ten groups; each opens into its people, and is one click from being an audience. */
export function GroupTable({ rfm, chosen, onPick }: GroupTableProps) {
  const { t } = useTranslation('rfm')
  const format = useFormat()
  const word = useWord()
  const may = useMay('marketer')
  const rows = useMemo(
    () => rfm.groups.filter(({ group }) => chosen === undefined || group === chosen),
    [rfm, chosen],
  )
  const columns = useMemo(
    (): Column<RfmGroup>[] => [
      {
        accessorKey: 'group',
        header: t('group'),
        cell: ({ row: { original } }) => (
          <>
            <strong style={{ fontWeight: 550 }}>{word('group', original.group)}</strong>
            <div style={{ color: 'var(--mantine-color-dimmed)', fontSize: '0.8125rem' }}>
              {word('groupAdvice', original.group)}
            </div>
          </>
        ),
      },
      {
        ...number('customers', t('customers'), ({ numbers }) => numbers.customers, format.number),
        cell: ({ row: { original } }) => (
          <UnstyledButton
            className="opens"
            aria-label={`${word('group', original.group)}: ${format.number(original.numbers.customers)}`}
            onClick={() => onPick({ type: 'group', group: original.group })}
          >
            {format.number(original.numbers.customers)}
          </UnstyledButton>
        ),
      },
      number(
        'share',
        t('share'),
        ({ numbers }) => numbers.customers / Math.max(1, rfm.customers),
        format.percent,
      ),
      number('revenue', t('revenue'), ({ numbers }) => numbers.revenue, format.money),
      number('revenueShare', t('revenueShare'), ({ numbers }) => numbers.revenue_share, format.percent),
      number('recency', t('recency'), ({ numbers }) => numbers.recency_days.median, format.decimal),
      number('frequency', t('frequency'), ({ numbers }) => numbers.frequency.median, format.decimal),
      number('monetary', t('monetary'), ({ numbers }) => numbers.monetary.median, format.money),
      number('email', t('email'), emailReach, format.percent),
      {
        id: 'audience',
        header: () => <span className="sr-only">{t('toAudience')}</span>,
        enableSorting: false,
        cell: ({ row: { original } }) =>
          may && original.condition && original.numbers.customers > 0 ? (
            <Button
              variant="default"
              size="compact-xs"
              aria-label={`${word('group', original.group)}: ${t('toAudience')}`}
              renderRoot={(props) => (
                <Link
                  to="/audiences/new"
                  search={{ name: word('group', original.group), text: original.condition ?? undefined }}
                  {...props}
                />
              )}
            >
              {t('toAudience')}
            </Button>
          ) : null,
      },
    ],
    [t, format, word, may, rfm, onPick],
  )
  return <Table label={t('groups')} rows={rows} columns={columns} sortable />
}

function emailReach({ numbers }: RfmGroup): number {
  const email = numbers.reach.find(({ channel }) => channel === 'email')?.customers ?? 0
  return email / Math.max(1, numbers.customers)
}

function number(
  id: string,
  header: string,
  of: (group: RfmGroup) => number,
  say: (value: number) => string,
): Column<RfmGroup> {
  return {
    id,
    header,
    accessorFn: of,
    meta: { number: true },
    cell: ({ row }) => (row.original.numbers.customers === 0 ? '–' : say(of(row.original))),
  }
}
