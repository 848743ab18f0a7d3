import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconSend } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { act, type Act } from '~/api/campaigns'
import { useMay } from '~/api/session'
import type { Campaign } from '~/api/types'
import { useProblemText } from '~/ui/said'
import { LaunchDialog } from './launch'

/** What can be done with a campaign as it stands. */
export function Acts({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const may = useMay('marketer')
  const [launching, setLaunching] = useState(false)
  const say = useProblemText()
  const run = useMutation({
    mutationFn: (what: Act) => act(what, String(campaign.id), campaign.version),
    onError: (thrown) => notifications.show({ color: 'bad', message: say(thrown) }),
  })
  if (!may) return null
  const { state } = campaign
  const moving = state === 'running' || state === 'scheduled'
  return (
    <>
      {state === 'draft' ? (
        <Button leftSection={<IconSend size={15} />} onClick={() => setLaunching(true)}>
          {t('launch.button')}
        </Button>
      ) : null}
      {state === 'running' ? (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={15} />}
          loading={run.isPending}
          onClick={() => run.mutate('pause')}
        >
          {t('pause')}
        </Button>
      ) : null}
      {state === 'paused' ? (
        <Button
          leftSection={<IconPlayerPlay size={15} />}
          loading={run.isPending}
          onClick={() => run.mutate('resume')}
        >
          {t('resume')}
        </Button>
      ) : null}
      {moving || state === 'paused' ? (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={15} />}
          loading={run.isPending}
          onClick={() => run.mutate('stop')}
        >
          {t('stop')}
        </Button>
      ) : null}
      {launching ? <LaunchDialog campaign={campaign} onClose={() => setLaunching(false)} /> : null}
    </>
  )
}
