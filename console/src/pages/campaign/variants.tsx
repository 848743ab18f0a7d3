import {
  ActionIcon,
  Button,
  Group,
  Menu,
  SegmentedControl,
  Stack,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { CampaignDraft, Variant } from '~/api/types'
import { freshVariant } from '~/lib/draft'
import { Section } from '~/ui/page'
import classes from './content.module.css'

interface VariantsProps {
  draft: CampaignDraft
  language: string
  onLanguage: (language: string) => void
  onChange: (draft: CampaignDraft) => void
}

/** Languages offered by name; any other can be written. */
const OFFERED = ['ja', 'en', 'zh-Hant', 'zh-Hans', 'ko', 'de', 'fr', 'es', 'pt', 'th', 'vi', 'id'] as const
const FORMATS = ['mjml', 'html', 'text'] as const

/** The message in each language. */
export function Variants({ draft, language, onLanguage, onChange }: VariantsProps) {
  const { t, i18n } = useTranslation('campaigns')
  const names = new Intl.DisplayNames(i18n.language, { type: 'language' })
  const chosen = draft.variants.find((each) => each.language === language) ?? draft.variants[0]
  const set = (next: Variant) =>
    onChange({
      ...draft,
      variants: draft.variants.map((each) => (each.language === next.language ? next : each)),
    })
  const add = (to: string) => {
    onChange({ ...draft, variants: [...draft.variants, freshVariant(to)] })
    onLanguage(to)
  }
  const remove = () => {
    const rest = draft.variants.filter((each) => each !== chosen)
    onChange({ ...draft, variants: rest })
    onLanguage(rest[0]?.language ?? '')
  }
  const missing = OFFERED.filter((each) => !draft.variants.some((variant) => variant.language === each))
  return (
    <Section title={t('variants')}>
      <Group gap="xs" mb="sm">
        {draft.variants.length > 0 ? (
          <SegmentedControl
            aria-label={t('language')}
            value={chosen?.language ?? ''}
            onChange={onLanguage}
            data={draft.variants.map((each) => ({
              value: each.language,
              label: names.of(each.language) ?? each.language,
            }))}
          />
        ) : null}
        <Menu>
          <Menu.Target>
            <Button variant="default" leftSection={<IconPlus size={14} />}>
              {t('addLanguage')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {missing.map((each) => (
              <Menu.Item key={each} onClick={() => add(each)}>
                {names.of(each)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        {draft.variants.length > 1 ? (
          <Tooltip label={t('removeLanguage')}>
            <ActionIcon aria-label={t('removeLanguage')} onClick={remove}>
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        ) : null}
      </Group>
      {chosen ? <Fields variant={chosen} onChange={set} /> : null}
    </Section>
  )
}

function Fields({ variant, onChange }: { variant: Variant; onChange: (variant: Variant) => void }) {
  const { t } = useTranslation('campaigns')
  return (
    <Stack gap="sm" lang={variant.language}>
      <TextInput
        label={t('subject')}
        value={variant.subject}
        onChange={(event) => onChange({ ...variant, subject: event.currentTarget.value })}
      />
      <TextInput
        label={t('preheader')}
        value={variant.preheader ?? ''}
        onChange={(event) => onChange({ ...variant, preheader: event.currentTarget.value })}
      />
      <Textarea
        className={classes['body']}
        label={
          <Group justify="space-between" w="100%">
            {t('body')}
          </Group>
        }
        autosize
        minRows={14}
        maxRows={32}
        spellCheck={false}
        value={variant.body}
        onChange={(event) => onChange({ ...variant, body: event.currentTarget.value })}
      />
      <SegmentedControl
        aria-label={t('format')}
        value={variant.format}
        onChange={(format) =>
          onChange({ ...variant, format: FORMATS.find((each) => each === format) ?? variant.format })
        }
        data={[
          { value: 'mjml', label: 'MJML' },
          { value: 'html', label: 'HTML' },
          { value: 'text', label: t('plainText') },
        ]}
      />
    </Stack>
  )
}
