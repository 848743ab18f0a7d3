import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { campaignsQuery } from '~/api/campaigns'
import { useMay } from '~/api/session'
import { CampaignTable } from '~/ui/campaign-table'
import { PageHead } from '~/ui/page'
import { Answer, Empty } from '~/ui/state'

/** All campaigns, the latest first. */
export function Campaigns() {
  const { t } = useTranslation('campaigns')
  const campaigns = useQuery({ ...campaignsQuery, refetchInterval: 5_000 })
  const may = useMay('marketer')
  const create = may ? (
    <Button
      leftSection={<IconPlus size={14} />}
      renderRoot={(props) => <Link to="/campaigns/new" {...props} />}
    >
      {t('new')}
    </Button>
  ) : null
  const running = campaigns.data?.items.filter(({ state }) => state === 'running').length ?? 0
  return (
    <>
      <PageHead
        title={t('title')}
        answer={campaigns.data ? t(running > 0 ? 'answerRunning' : 'answer', { count: running }) : null}
        actions={create}
      />
      <Answer of={campaigns}>
        {({ items }) =>
          items.length > 0 ? (
            <CampaignTable campaigns={items} />
          ) : (
            <Empty title={t('empty.title')} text={t('empty.text')} action={create} />
          )
        }
      </Answer>
    </>
  )
}
