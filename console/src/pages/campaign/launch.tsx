import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Trans, useTranslation } from 'react-i18next'
import { act, launchCheckQuery } from '~/api/campaigns'
import type { Campaign, LaunchCheck } from '~/api/types'
import { useFormat } from '~/lib/use-format'
import { Answer, Failed } from '~/ui/state'
import { Obstacles } from './obstacles'

interface LaunchDialogProps {
  campaign: Campaign
  onClose: () => void
}

/** The one question before customers are messaged: what will happen to how many people, and when. */
export function LaunchDialog({ campaign, onClose }: LaunchDialogProps) {
  const { t } = useTranslation('campaigns')
  const id = String(campaign.id)
  const check = useQuery({ ...launchCheckQuery(id, campaign.version), staleTime: 0 })
  return (
    <Modal opened onClose={onClose} size="lg" title={t('launch.title', { name: campaign.draft.name })}>
      <Answer of={check} rows={4}>
        {(data) => <Ask campaign={campaign} check={data} onClose={onClose} />}
      </Answer>
    </Modal>
  )
}

function Ask({ campaign, check, onClose }: LaunchDialogProps & { check: LaunchCheck }) {
  const { t } = useTranslation('campaigns')
  const id = String(campaign.id)
  const navigate = useNavigate()
  const launch = useMutation({
    mutationFn: () => act('launch', id, check.version),
    onSuccess: async () => {
      onClose()
      await navigate({ to: '/campaigns/$id', params: { id }, search: {} })
    },
  })
  return (
    <Stack>
      <Text size="lg">
        <LaunchSentence campaign={campaign} check={check} />
      </Text>
      {check.obstacles.length > 0 ? (
        <>
          <Text fw={550}>{t('launch.obstacles')}</Text>
          <Obstacles obstacles={check.obstacles} />
        </>
      ) : null}
      {launch.error ? <Failed error={launch.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('launch.notYet')}
        </Button>
        <Button
          data-autofocus
          disabled={!check.ready}
          loading={launch.isPending}
          onClick={() => launch.mutate()}
        >
          {t(campaign.draft.send_at ? 'launch.schedule' : 'launch.now')}
        </Button>
      </Group>
    </Stack>
  )
}

/** What will happen to how many people and when, in one sentence. */
export function LaunchSentence({ campaign, check }: { campaign: Campaign; check: LaunchCheck }) {
  const { t } = useTranslation('campaigns')
  const format = useFormat()
  const { draft } = campaign
  const left = check.relevant.left_out.reduce((sum, { customers }) => sum + customers, 0)
  const values = {
    count: check.relevant.send,
    send: format.number(check.relevant.send),
    audience: draft.audience ?? '–',
    of: format.number(check.relevant.audience),
    left: format.number(left),
    hold: format.number(check.relevant.hold),
    at: draft.send_at ? format.dateTime(draft.send_at) : '',
  }
  return (
    <>
      <Trans
        t={t}
        i18nKey={draft.send_at ? 'launch.sentenceAt' : 'launch.sentence'}
        values={values}
        components={{ b: <strong /> }}
      />
      {check.relevant.hold > 0 ? ` ${t('launch.holds', values)}` : ''}
    </>
  )
}
