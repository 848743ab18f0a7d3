import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { MessageSummary } from '~/api/types'
import { useWord } from '~/i18n/word'
import { useFormat } from '~/lib/use-format'
import { MessageMark } from './mark'
import { PersonLink, WhyLink } from './person'
import type { Column } from './table'

/** How messages look in a list: of a customer (which campaign?) or of a campaign (which customer?). */
export function useMessageColumns(of: 'customer' | 'campaign'): Column<MessageSummary>[] {
  const { t } = useTranslation('customers')
  const format = useFormat()
  const word = useWord()
  return useMemo((): Column<MessageSummary>[] => {
    const other: Column<MessageSummary> =
      of === 'customer'
        ? {
            accessorKey: 'campaign_name',
            header: t('message.campaign'),
            cell: ({ row: { original } }) => (
              <Link to="/campaigns/$id" params={{ id: String(original.campaign) }} className="plain">
                {original.campaign_name}
              </Link>
            ),
          }
        : {
            accessorKey: 'label',
            header: t('column.who'),
            cell: ({ row: { original } }) => <PersonLink id={original.customer}>{original.label}</PersonLink>,
          }
    return [
      { accessorKey: 'at', header: t('message.at'), cell: ({ row }) => format.dateTime(row.original.at) },
      other,
      {
        accessorKey: 'channel',
        header: t('message.channel'),
        cell: ({ row }) => word('channel', row.original.channel),
      },
      {
        accessorKey: 'state',
        header: t('message.state'),
        cell: ({ row }) => <MessageMark state={row.original.state} />,
      },
      {
        id: 'reason',
        accessorFn: ({ reason }) => reason ?? '',
        header: t('message.reason'),
        cell: ({ row: { original } }) => (original.reason ? word('reason', original.reason) : ''),
      },
      { id: 'variant', accessorFn: ({ variant }) => variant ?? '', header: t('message.variant') },
      {
        id: 'why',
        header: () => <span className="sr-only">{t('why.button')}</span>,
        enableSorting: false,
        cell: ({ row }) => <WhyLink id={row.original.id}>{t('why.button')}</WhyLink>,
      },
    ]
  }, [of, t, format, word])
}
