import { element, setText } from './dom.js';
import { formatTime } from './format.js';
import { colour } from './theme.js';
import uPlot from './uplot.js';

const HEIGHT = 170;

/** A chart over time as wide as its place, with a heading. What is drawn is the options' matter. */
export class ChartFrame {
  private readonly place = element('div', { class: 'plot' });
  private readonly readout = element('p', { class: 'readout' });
  readonly node: HTMLElement;
  private plot: uPlot | null = null;
  private data: uPlot.AlignedData = [[]];
  private readonly observer = new ResizeObserver(() => {
    this.plot?.setSize({ width: this.width, height: HEIGHT });
  });

  constructor(
    private readonly title: string,
    /** Asked each time the chart is made: its colours are those of the moment. */
    private readonly options: () => Pick<uPlot.Options, 'series' | 'scales' | 'hooks'> & {
      readonly yAxis: uPlot.Axis;
    },
  ) {
    this.node = element(
      'figure',
      { class: 'chart', 'aria-label': title },
      element('figcaption', {}, title),
      this.place,
      this.readout,
    );
    this.observer.observe(this.place);
  }

  /** @param summary what the chart shows, in words, where no pointer is on it */
  show(data: uPlot.AlignedData, summary: string): void {
    this.data = data;
    this.place.setAttribute('role', 'img');
    this.place.setAttribute('aria-label', `${this.title}: ${summary}`);
    if (this.plot === null) this.repaint();
    else this.plot.setData(data);
  }

  say(text: string): void {
    setText(this.readout, text);
  }

  repaint(): void {
    if (this.data[0].length === 0) return;
    this.plot?.destroy();
    const { yAxis, ...options } = this.options();
    const lines: uPlot.Axis = {
      stroke: colour('muted'),
      grid: { stroke: colour('line'), width: 1 },
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
      this.place,
    );
  }

  close(): void {
    this.observer.disconnect();
    this.plot?.destroy();
  }

  private get width(): number {
    return Math.max(200, this.place.clientWidth);
  }
}
