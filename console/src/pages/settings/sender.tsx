import { SimpleGrid, Textarea, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Section } from '~/ui/page'
import type { PartProps } from './parts'

/** Who speaks. */
export function SenderFields({ settings, onChange, wrong }: PartProps) {
  const { t } = useTranslation('settings')
  const { sender } = settings
  const set = (change: Partial<typeof sender>) => onChange({ ...settings, sender: { ...sender, ...change } })
  const orNothing = (text: string) => (text === '' ? null : text)
  return (
    <Section title={t('sender')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'end' }}>
        <TextInput
          label={t('senderName')}
          value={sender.name}
          error={wrong('sender.name')}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <TextInput
          label={t('senderEmail')}
          value={sender.email}
          error={wrong('sender.email')}
          onChange={(event) => set({ email: event.currentTarget.value })}
        />
        <TextInput
          label={t('replyTo')}
          value={sender.reply_to ?? ''}
          error={wrong('reply_to')}
          onChange={(event) => set({ reply_to: orNothing(event.currentTarget.value) })}
        />
        <TextInput
          label={t('returnPath')}
          value={sender.return_path ?? ''}
          error={wrong('return_path')}
          onChange={(event) => set({ return_path: orNothing(event.currentTarget.value) })}
        />
      </SimpleGrid>
      <Textarea
        mt="md"
        label={t('postal')}
        description={t('postalNote')}
        autosize
        value={sender.postal_address}
        error={wrong('postal_address')}
        onChange={(event) => set({ postal_address: event.currentTarget.value })}
      />
    </Section>
  )
}
