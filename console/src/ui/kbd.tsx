import { Kbd as MantineKbd } from '@mantine/core'

const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)

/** Keys to press; `mod` is ⌘ or Ctrl, as the reader's keyboard has it. */
export function Kbd({ keys }: { keys: readonly string[] }) {
  const shown = keys.map((key) => (key === 'mod' ? (mac ? '⌘' : 'Ctrl') : key))
  return (
    <MantineKbd size="xs" aria-hidden>
      {shown.join(mac ? '' : ' ')}
    </MantineKbd>
  )
}
