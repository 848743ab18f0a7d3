/** The part of ECharts that draws flows; a chunk of its own beside the engine of lines. */
import { SankeyChart } from 'echarts/charts'
import { TooltipComponent } from 'echarts/components'
import { init, use as withParts } from 'echarts/core'
import { LabelLayout } from 'echarts/features'
import { SVGRenderer } from 'echarts/renderers'

withParts([SankeyChart, TooltipComponent, LabelLayout, SVGRenderer])

export { init }
