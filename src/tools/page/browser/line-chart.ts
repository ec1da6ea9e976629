import { ChartFrame } from './chart-frame.js';
import { element, setText } from './dom.js';
import { formatTime } from './format.js';
import type { Trend, Figure, Time } from './protocol.js';
import { themeColor } from './theme.js';
import type uPlot from './uplot.js';

export interface Line {
  readonly label: string;
  /** Name of a custom property in the style sheet. */
  readonly color: string;
  /** Distinguishes the line without colors. */
  readonly dash: readonly number[];
}

/** A chart of several lines over time. Its legend shows the values under the pointer, or else the last ones. */
export class LineChart {
  private readonly frame: ChartFrame;
  private readonly values: readonly HTMLElement[];
  private times: readonly Time[] = [];
  private trends: readonly Trend[] = [];

  constructor(
    title: string,
    private readonly format: (value: Figure) => string,
    private readonly lines: readonly Line[],
  ) {
    this.frame = new ChartFrame(title, () => this.options());
    this.values = lines.map(() => element('span', { class: 'figure' }));
    const legend = element(
      'ul',
      { class: 'legend' },
      ...lines.map((line, i) =>
        element('li', {}, createKey(line), `${line.label} `, this.values[i] as HTMLElement),
      ),
    );
    this.frame.node.append(legend);
  }

  get node(): HTMLElement {
    return this.frame.node;
  }

  show(times: readonly Time[], trends: readonly Trend[]): void {
    this.times = times;
    this.trends = trends;
    const last = this.lines.map(
      ({ label }, i) => `${label} ${this.format(trends[i]?.at(-1) ?? null)}`,
    );
    this.frame.show(
      [times.map((time) => time / 1000), ...trends.map((trend) => [...trend])],
      last.join(', '),
    );
    this.showValues(null);
  }

  repaint(): void {
    this.frame.repaint();
  }

  close(): void {
    this.frame.close();
  }

  private options(): ReturnType<ConstructorParameters<typeof ChartFrame>[1]> {
    return {
      scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] } },
      series: [
        {},
        ...this.lines.map(({ label, color: name, dash }) => ({
          label,
          stroke: themeColor(name),
          width: 2,
          dash: [...dash],
          points: { show: false },
        })),
      ],
      yAxis: { values: (_plot, values) => values.map((value) => this.format(value)) },
      hooks: { setCursor: [(plot: uPlot) => this.showValues(plot.cursor.idx ?? null)] },
    };
  }

  private showValues(index: number | null): void {
    const at = index ?? this.times.length - 1;
    this.values.forEach((value, i) => setText(value, this.format(this.trends[i]?.[at] ?? null)));
    const time = this.times[at];
    this.frame.showReadout(
      time === undefined ? '' : `${index === null ? 'Last: ' : ''}${formatTime(time)}`,
    );
  }
}

/** Draws a sample of a line for the legend. */
function createKey({ color: name, dash }: Line): SVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const key = document.createElementNS(namespace, 'svg');
  key.setAttribute('class', `key ${name}`);
  key.setAttribute('viewBox', '0 0 28 8');
  key.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(namespace, 'path');
  line.setAttribute('d', 'M0 4H28');
  line.setAttribute('stroke-dasharray', dash.join(' '));
  key.append(line);
  return key;
}
