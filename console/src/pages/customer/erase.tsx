import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { erase } from '~/api/customers'
import type { Customer } from '~/api/types'
import { Failed } from '~/ui/state'

interface EraseDialogProps {
  customer: Customer
  opened: boolean
  onClose: () => void
}

/** Forgetting somebody cannot be undone, so this asks, and asks why. */
export function EraseDialog({ customer, opened, onClose }: EraseDialogProps) {
  const { t } = useTranslation('customers')
  const navigate = useNavigate()
  const [reason, setReason] = useState('')
  const forget = useMutation({
    mutationFn: () => erase(customer.id, reason),
    onSuccess: () => navigate({ to: '/customers' }),
  })
  return (
    <Modal opened={opened} onClose={onClose} title={t('erase.title', { name: customer.label })}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          forget.mutate()
        }}
      >
        <Stack>
          <Text>{t('erase.text')}</Text>
          <TextInput
            label={t('erase.reason')}
            description={t('erase.reasonNote')}
            required
            withAsterisk={false}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {forget.error ? <Failed error={forget.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('erase.keep')}
            </Button>
            <Button type="submit" color="bad.6" loading={forget.isPending}>
              {t('erase.do')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
