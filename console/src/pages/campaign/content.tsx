import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { replaceCampaign } from '~/api/campaigns'
import { useMay } from '~/api/session'
import type { Campaign } from '~/api/types'
import { sameDraft } from '~/lib/draft'
import { Failed } from '~/ui/state'
import classes from './content.module.css'
import { Plan } from './plan'
import { PreviewPane } from './preview'
import { Variants } from './variants'

/** What the campaign says, to whom and when, beside how one of them will see it. */
export function Content({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const may = useMay('marketer')
  const [draft, setDraft] = useState(campaign.draft)
  const [language, setLanguage] = useState(campaign.draft.variants[0]?.language ?? '')
  const fixed = !may || campaign.state !== 'draft'
  const changed = !sameDraft(draft, campaign.draft)
  const save = useMutation({
    mutationFn: () => replaceCampaign(campaign, draft),
    onSuccess: () => notifications.show({ message: t('saved') }),
  })
  const variant = draft.variants.find((each) => each.language === language) ?? draft.variants[0]
  return (
    <div className={classes['sides']}>
      <fieldset disabled={fixed} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <legend className="sr-only">{t('tab.content')}</legend>
        <Plan draft={draft} onChange={setDraft} />
        <Variants draft={draft} language={language} onLanguage={setLanguage} onChange={setDraft} />
        {save.error ? <Failed error={save.error} /> : null}
        {fixed ? null : (
          <Group mt="lg">
            <Button size="sm" disabled={!changed} loading={save.isPending} onClick={() => save.mutate()}>
              {t('save')}
            </Button>
            <span role="status" style={{ color: 'var(--mantine-color-dimmed)' }}>
              {changed ? t('unsaved') : ''}
            </span>
          </Group>
        )}
      </fieldset>
      <PreviewPane id={String(campaign.id)} variant={variant} />
    </div>
  )
}
