/** The part of ECharts that the console uses; a chunk of its own, loaded when the first chart is drawn. */
import { LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use as withParts } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

withParts([LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

export { init }
