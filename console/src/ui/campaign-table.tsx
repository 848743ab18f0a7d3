import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { CampaignBrief } from '~/api/types'
import { settled } from '~/lib/settled'
import { useFormat } from '~/lib/use-format'
import { CampaignMark } from './mark'
import { Table, type Column } from './table'

/** Campaigns with where they stand and what became of their messages. */
export function CampaignTable({ campaigns }: { campaigns: readonly CampaignBrief[] }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const columns = useMemo(
    (): Column<CampaignBrief>[] => [
      {
        accessorKey: 'name',
        header: t('name'),
        cell: ({ row: { original } }) => (
          <Link to="/campaigns/$id" params={{ id: String(original.id) }} className="plain">
            <strong style={{ fontWeight: 550 }}>{original.name}</strong>
          </Link>
        ),
      },
      { accessorKey: 'state', header: t('state'), cell: ({ row }) => <Standing campaign={row.original} /> },
      {
        id: 'audience',
        accessorFn: ({ audience }) => audience ?? '',
        header: t('audience'),
        cell: ({ row: { original } }) =>
          original.audience ? (
            <Link to="/audiences/$name" params={{ name: original.audience }} className="plain">
              {original.audience}
            </Link>
          ) : (
            '–'
          ),
      },
      {
        id: 'when',
        accessorFn: ({ send_at, changed_at }) => send_at ?? changed_at,
        header: t('when'),
        cell: ({ row: { original } }) => (original.send_at ? format.dateTime(original.send_at) : '–'),
      },
      {
        id: 'sent',
        accessorFn: ({ messages }) => messages.sent,
        header: t('sent'),
        meta: { number: true },
        cell: ({ row }) => format.number(row.original.messages.sent),
      },
      {
        id: 'opened',
        accessorFn: ({ messages }) => messages.opened,
        header: t('opened'),
        meta: { number: true },
        cell: ({ row: { original } }) => format.share(original.messages.opened, original.messages.delivered),
      },
      {
        id: 'clicked',
        accessorFn: ({ messages }) => messages.clicked,
        header: t('clicked'),
        meta: { number: true },
        cell: ({ row: { original } }) => format.share(original.messages.clicked, original.messages.delivered),
      },
      {
        id: 'left',
        accessorFn: ({ messages }) => messages.suppressed,
        header: t('leftOut'),
        meta: { number: true },
        cell: ({ row }) => format.number(row.original.messages.suppressed),
      },
    ],
    [t, format],
  )
  return <Table label={t('title')} rows={campaigns} columns={columns} sortable />
}

function Standing({ campaign }: { campaign: CampaignBrief }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const { state, retrying } = campaign
  const far = settled(campaign)
  return (
    <>
      <CampaignMark state={state} /> {state === 'running' && far ? format.share(far.done, far.of) : ''}
      {retrying
        ? ` ${t('retrying.title', { count: retrying.messages, shown: format.number(retrying.messages) })}`
        : ''}
    </>
  )
}
