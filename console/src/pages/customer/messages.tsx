import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { messagesList } from '~/api/customers'
import { useMessageColumns } from '~/ui/message-columns'
import { PagedTable } from '~/ui/paged'
import { Empty } from '~/ui/state'

/** What we said to a customer, or decided not to say. */
export function Messages({ id }: { id: string }) {
  const { t } = useTranslation('customers')
  const list = useMemo(() => messagesList(id), [id])
  const columns = useMessageColumns('customer')
  return (
    <PagedTable
      label={t('tab.messages')}
      list={list}
      columns={columns}
      empty={<Empty title={t('message.empty')} text={t('message.emptyText')} />}
    />
  )
}
