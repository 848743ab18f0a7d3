import { ActionIcon, Group, SegmentedControl, Tooltip } from '@mantine/core'
import { IconPhotoDown, IconTableDown } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { csv, download } from '~/lib/download'
import { svgToPng } from './chart-parts'

export type Cells = readonly (readonly (string | number | null)[])[]

interface FigureProps {
  label: string
  /** Whether the numbers are shown as a table instead of a drawing. */
  table?: boolean
  /** Without it, both stand on the page already. */
  onTable?: (table: boolean) => void
  /** The same numbers, to take away. */
  cells: () => Cells
  /** The drawing as SVG, to take away. */
  picture: () => string | undefined
  children: ReactNode
}

/** The frame of every drawing: a table of the same numbers beside it, and both to take away. */
export function Figure({ label, table = false, onTable, cells, picture, children }: FigureProps) {
  const { t } = useTranslation('shell')
  const takePicture = async () => {
    const svg = picture()
    if (svg) download(`${label}.png`, await svgToPng(svg))
  }
  return (
    <figure style={{ margin: 0 }} aria-label={label}>
      <Group justify="flex-end" gap="xs" mb="xs">
        {onTable ? (
          <SegmentedControl
            aria-label={t('chart.view')}
            value={table ? 'table' : 'chart'}
            onChange={(view) => onTable(view === 'table')}
            data={[
              { value: 'chart', label: t('chart.chart') },
              { value: 'table', label: t('chart.table') },
            ]}
          />
        ) : null}
        <Tooltip label={t('chart.csv')}>
          <ActionIcon aria-label={t('chart.csv')} onClick={() => download(`${label}.csv`, csv(cells()))}>
            <IconTableDown size={17} />
          </ActionIcon>
        </Tooltip>
        {table ? null : (
          <Tooltip label={t('chart.png')}>
            <ActionIcon aria-label={t('chart.png')} onClick={() => void takePicture()}>
              <IconPhotoDown size={17} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      {children}
    </figure>
  )
}
