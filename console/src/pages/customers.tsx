import { TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { customersList } from '~/api/customers'
import { homeQuery } from '~/api/home'
import { useFormat } from '~/lib/use-format'
import { useCustomerColumns } from '~/ui/customer-columns'
import { FilterBar } from '~/ui/filter-bar'
import { PageHead } from '~/ui/page'
import { PagedTable } from '~/ui/paged'
import { Empty } from '~/ui/state'

const route = getRouteApi('/inside/customers')

/** Everybody, and finding one of them. */
export function Customers() {
  const { t } = useTranslation('customers')
  const format = useFormat()
  const { query = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const [typed, setTyped] = useState(query)
  const look = useDebouncedCallback((text: string) => {
    void navigate({ search: (now) => ({ ...now, query: text === '' ? undefined : text }), replace: true })
  }, 200)
  const all = useQuery(homeQuery).data?.customers
  const list = useMemo(() => customersList(query), [query])
  const columns = useCustomerColumns()
  return (
    <>
      <PageHead
        title={t('title')}
        answer={all === undefined ? null : t('answer', { count: all, shown: format.number(all) })}
      />
      <FilterBar>
        <TextInput
          type="search"
          w={384}
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value)
            look(event.currentTarget.value.trim())
          }}
        />
      </FilterBar>
      <PagedTable
        label={t('title')}
        list={list}
        columns={columns}
        empty={
          query === '' ? (
            <Empty
              title={t('empty.title')}
              text={t('empty.text')}
              action={<Link to="/data/keys">{t('empty.action')}</Link>}
            />
          ) : (
            <Empty title={t('none.title', { query })} text={t('none.text')} />
          )
        }
      />
    </>
  )
}
