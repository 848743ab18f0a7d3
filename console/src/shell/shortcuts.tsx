import { Modal, Table } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Kbd } from '~/ui/kbd'
import { PLACES } from './places'

interface Actions {
  palette: () => void
  help: () => void
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  )
}

/** Listens for the keys that work everywhere; stays silent while somebody writes. */
export function useShortcuts({ palette, help }: Actions): void {
  const navigate = useNavigate()
  const going = useRef(0)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        palette()
        return
      }
      if (typing(event.target) || event.metaKey || event.ctrlKey || event.altKey) return
      const place =
        event.timeStamp - going.current < 1_200 ? PLACES.find(({ key }) => key === event.key) : undefined
      going.current = event.key === 'g' ? event.timeStamp : 0
      if (place) void navigate({ to: place.to })
      else if (event.key === '?') help()
      else if (event.key === '/') focusSearch(event)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [navigate, palette, help])
}

function focusSearch(event: KeyboardEvent): void {
  const search = document.querySelector<HTMLElement>('main input[type="search"]')
  if (search === null) return
  event.preventDefault()
  search.focus()
}

export function Shortcuts({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('shell')
  const rows = [
    { keys: ['mod', 'K'], says: t('shortcuts.palette') },
    { keys: ['/'], says: t('shortcuts.search') },
    { keys: ['?'], says: t('shortcuts.help') },
    { keys: ['Esc'], says: t('shortcuts.close') },
    ...PLACES.map((place) => ({
      keys: ['g', place.key],
      says: t('shortcuts.go', { place: t(`place.${place.name}`) }),
    })),
  ]
  return (
    <Modal opened={opened} onClose={onClose} title={t('shortcuts.title')}>
      <Table verticalSpacing={6} withRowBorders={false}>
        <Table.Tbody>
          {rows.map(({ keys, says }) => (
            <Table.Tr key={says}>
              <Table.Td>{says}</Table.Td>
              <Table.Td style={{ textAlign: 'end' }}>
                <Kbd keys={keys} />
                <span className="sr-only">{keys.join(' ')}</span>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}
