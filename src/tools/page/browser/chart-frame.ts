import { element, setText } from './dom.js';
import { formatTime } from './format.js';
import { themeColor } from './theme.js';
import uPlot from './uplot.js';

const HEIGHT = 170;

/** A chart over time with a heading, as wide as its container. Its options decide what it draws. */
export class ChartFrame {
  private readonly container = element('div', { class: 'plot' });
  private readonly readout = element('p', { class: 'readout' });
  readonly node: HTMLElement;
  private plot: uPlot | null = null;
  private data: uPlot.AlignedData = [[]];
  private readonly observer = new ResizeObserver(() => {
    this.plot?.setSize({ width: this.width, height: HEIGHT });
  });

  constructor(
    private readonly title: string,
    /** Called each time the chart is created, because the colors depend on the theme. */
    private readonly options: () => Pick<uPlot.Options, 'series' | 'scales' | 'hooks'> & {
      readonly yAxis: uPlot.Axis;
    },
  ) {
    this.node = element(
      'figure',
      { class: 'chart', 'aria-label': title },
      element('figcaption', {}, title),
      this.container,
      this.readout,
    );
    this.observer.observe(this.container);
  }

  /** @param summary the content of the chart in words, for screen readers */
  show(data: uPlot.AlignedData, summary: string): void {
    this.data = data;
    this.container.setAttribute('role', 'img');
    this.container.setAttribute('aria-label', `${this.title}: ${summary}`);
    if (this.plot === null) this.repaint();
    else this.plot.setData(data);
  }

  /** Shows the text below the chart. */
  showReadout(text: string): void {
    setText(this.readout, text);
  }

  /** Draws the chart again, with the current colors. */
  repaint(): void {
    if (this.data[0].length === 0) return;
    this.plot?.destroy();
    const { yAxis, ...options } = this.options();
    const lines: uPlot.Axis = {
      stroke: themeColor('muted'),
      grid: { stroke: themeColor('line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    };
    this.plot = new uPlot(
      {
        width: this.width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
        padding: [8, 26, 0, 0],
        axes: [
          {
            ...lines,
            space: 70,
            size: 28,
            values: (_plot, times) => times.map((time) => formatTime(time * 1000)),
          },
          { ...lines, size: 64, ...yAxis },
        ],
        ...options,
      },
      this.data,
      this.container,
    );
  }

  close(): void {
    this.observer.disconnect();
    this.plot?.destroy();
  }

  private get width(): number {
    return Math.max(200, this.container.clientWidth);
  }
}
