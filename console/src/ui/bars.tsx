import type { ReactNode } from 'react'
import { useFormat } from '~/lib/use-format'
import classes from './bars.module.css'

export interface Bar {
  key: string
  label: ReactNode
  value: number
  tone?: 'quiet' | 'bad'
}

/** Numbers of one kind beside each other, each as a part of `of`. */
export function Bars({ bars, of }: { bars: readonly Bar[]; of: number }) {
  const format = useFormat()
  return (
    <ul className={classes['list']}>
      {bars.map(({ key, label, value, tone }) => (
        <li key={key} className={classes['row']}>
          <span className="break">{label}</span>
          <div className={classes['track']} aria-hidden>
            {value > 0 ? (
              <div
                className={classes['bar']}
                data-quiet={tone === 'quiet'}
                data-bad={tone === 'bad'}
                style={{ width: `${String(Math.min(100, (100 * value) / Math.max(of, 1)))}%` }}
              />
            ) : null}
          </div>
          <span className={classes['value']}>
            {format.number(value)} <span className={classes['share']}>{format.share(value, of)}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}
