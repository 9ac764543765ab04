import { BarChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { figures, height } from '../shared/figures';

use([BarChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

/** Colours of the board's statuses, as the style sheet has them. */
const COLOURS = ['#7f8a97', '#d08a2e', '#7fa3cf', '#3f8f5a', '#a33a33'];

/** A chart shows what the table below it says: the figures are read there, so the two cannot differ. */
function show(place: HTMLElement): void {
  const table = document.getElementById(place.dataset.chart ?? '') as HTMLTableElement | null;
  const read = table && figures(table);
  if (!read || read.names.length === 0) return;
  place.hidden = false;
  place.style.height = `${height(read.names.length)}px`;
  const chart = init(place, null, { renderer: 'canvas' });
  chart.setOption({
    animation: false,
    aria: { enabled: true },
    color: read.series.length > 1 ? COLOURS : ['#7fa3cf'],
    // Rich text is drawn on the canvas: no markup with styles of its own, which the page forbids.
    tooltip: { trigger: 'axis', renderMode: 'richText', axisPointer: { type: 'shadow' } },
    legend: read.series.length > 1 ? { top: 0 } : undefined,
    grid: { left: 8, right: 40, top: read.series.length > 1 ? 32 : 8, bottom: 8, containLabel: true },
    xAxis: { type: 'value', minInterval: place.dataset.whole === undefined ? 0 : 1 },
    yAxis: { type: 'category', inverse: true, data: read.names, axisLabel: { width: 180, overflow: 'truncate' } },
    series: read.series.map((one) => ({
      type: 'bar' as const,
      name: one.name,
      stack: place.dataset.stack === undefined ? undefined : 'all',
      data: one.values,
      label: { show: read.series.length === 1, position: 'right' as const },
      barMaxWidth: 22,
    })),
  });
  new ResizeObserver(() => chart.resize()).observe(place);
}

document.querySelectorAll<HTMLElement>('[data-chart]').forEach(show);
