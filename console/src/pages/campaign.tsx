import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Trans, useTranslation } from 'react-i18next'
import { campaignQuery } from '~/api/campaigns'
import type { Campaign } from '~/api/types'
import { settled } from '~/lib/settled'
import { useFormat } from '~/lib/use-format'
import { CAMPAIGN_TABS } from '~/router'
import { CampaignMark } from '~/ui/mark'
import { PageHead } from '~/ui/page'
import { Answer } from '~/ui/state'
import { Acts } from './campaign/acts'
import { Checks } from './campaign/checks'
import { Content } from './campaign/content'
import { PerPerson } from './campaign/people'
import { Report } from './campaign/report'
import { Retrying } from './campaign/retrying'

const route = getRouteApi('/inside/campaigns/$id')

/** One campaign, from draft to report. */
export function CampaignPage() {
  const { t } = useTranslation('campaigns')
  const { id } = route.useParams()
  const campaign = useQuery(campaignQuery(id))
  return (
    <Answer of={campaign} head={<PageHead title={t('title')} />}>
      {(data) => <Known campaign={data} />}
    </Answer>
  )
}

function Known({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const waits = campaign.state === 'draft' || campaign.state === 'scheduled'
  const tab = search.tab ?? (waits ? 'content' : 'report')
  const tabs = CAMPAIGN_TABS.filter((each) =>
    waits ? each === 'content' || each === 'checks' : each !== 'checks',
  )
  return (
    <>
      <PageHead
        back={{ to: '/campaigns', label: t('title') }}
        title={campaign.draft.name}
        mark={<CampaignMark state={campaign.state} />}
        answer={<Sentence campaign={campaign} />}
        actions={<Acts campaign={campaign} />}
      />
      <Retrying of={campaign.retrying} />
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({
            search: (now) => ({ ...now, tab: CAMPAIGN_TABS.find((each) => each === next) }),
            replace: true,
          })
        }
      >
        <Tabs.List mb="md">
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`tab.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="content">
          <Content key={campaign.version} campaign={campaign} />
        </Tabs.Panel>
        <Tabs.Panel value="checks">
          <Checks campaign={campaign} />
        </Tabs.Panel>
        <Tabs.Panel value="report">
          <Report campaign={campaign} />
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <PerPerson id={String(campaign.id)} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Sentence({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const { state, draft, messages } = campaign
  const far = settled(campaign)
  const values = {
    audience: draft.audience ?? '–',
    at: draft.send_at ? format.dateTime(draft.send_at) : '–',
    sent: format.number(messages.sent),
    left: format.number(messages.suppressed),
    part: far ? format.share(far.done, far.of) : '–',
    of: far ? format.number(far.of) : '–',
    launched: campaign.launched_at ? format.dateTime(campaign.launched_at) : '–',
  }
  const key = state === 'draft' && draft.audience == null ? 'noAudience' : state
  return <Trans t={t} i18nKey={`sentence.${key}`} values={values} components={{ b: <strong /> }} />
}
