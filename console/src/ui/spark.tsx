import { useFormat } from '~/lib/use-format'

interface SparkProps {
  label: string
  /** The oldest first. */
  points: readonly number[]
  height: number
}

/** Small bars for what comes in; the figures stand in words for those who do not see them. */
export function Spark({ label, points, height }: SparkProps) {
  const format = useFormat()
  const top = Math.max(1, ...points)
  const last = points.at(-1) ?? 0
  return (
    <svg
      role="img"
      aria-label={`${label}: ${format.number(last)} / ${format.number(top)}`}
      viewBox={`0 0 ${String(points.length * 10)} ${String(height)}`}
      preserveAspectRatio="none"
      style={{ width: '100%', height, display: 'block', borderBottom: '1px solid var(--line)' }}
    >
      {points.map((value, at) => {
        const tall = (value / top) * (height - 4)
        return (
          <rect
            key={at}
            x={at * 10 + 1}
            y={height - tall}
            width={8}
            height={tall}
            fill="var(--mantine-primary-color-filled)"
          >
            <title>{format.number(value)}</title>
          </rect>
        )
      })}
    </svg>
  )
}
