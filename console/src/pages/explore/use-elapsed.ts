import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** Says a length of time in its largest fitting unit: `1.5 days`. */
export function useElapsed(): (ms: number) => string {
  const { i18n } = useTranslation()
  return useMemo(() => {
    const say = (unit: string, value: number) =>
      new Intl.NumberFormat(i18n.language, {
        style: 'unit',
        unit,
        unitDisplay: 'long',
        maximumFractionDigits: 1,
      }).format(value)
    return (ms) => {
      const [unit, size] = UNITS.find(([, least]) => ms >= least) ?? ['second', 1_000]
      return say(unit, ms / size)
    }
  }, [i18n.language])
}
