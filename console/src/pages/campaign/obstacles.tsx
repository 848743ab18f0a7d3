import { List } from '@mantine/core'
import type { LaunchCheck } from '~/api/types'
import { useWord } from '~/i18n/word'
import { SaidText } from '~/ui/said'

type Obstacle = LaunchCheck['obstacles'][number]

/** What must be mended before a launch, in the reader's language; the place in a message as the server says it. */
export function Obstacles({ obstacles }: { obstacles: readonly Obstacle[] }) {
  const word = useWord()
  return (
    <List size="sm">
      {obstacles.map(({ code, field, message, fix }) => (
        <List.Item key={field + message}>
          {word('obstacle', code)}
          {code === 'bad_content' || code === 'bad_audience' ? (
            <div>
              <span className="mono">{field}</span>{' '}
              <SaidText by={[message, fix.includes('\n') ? null : fix]} />
            </div>
          ) : null}
        </List.Item>
      ))}
    </List>
  )
}
