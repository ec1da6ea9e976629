import { ChartFrame } from './chart-frame.js';
import { element, setText } from './dom.js';
import { formatTime } from './format.js';
import type { Course, Figure, Time } from './protocol.js';
import { colour } from './theme.js';
import type uPlot from './uplot.js';

export interface Line {
  readonly label: string;
  /** A custom property of the style sheet. */
  readonly colour: string;
  /** Told apart without colours, too. */
  readonly dash: readonly number[];
}

/** Several lines over time, with a legend that tells their values under the pointer, else the last ones. */
export class LineChart {
  private readonly frame: ChartFrame;
  private readonly values: readonly HTMLElement[];
  private times: readonly Time[] = [];
  private courses: readonly Course[] = [];

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

  show(times: readonly Time[], courses: readonly Course[]): void {
    this.times = times;
    this.courses = courses;
    const last = this.lines.map(
      ({ label }, i) => `${label} ${this.format(courses[i]?.at(-1) ?? null)}`,
    );
    this.frame.show(
      [times.map((time) => time / 1000), ...courses.map((course) => [...course])],
      last.join(', '),
    );
    this.tell(null);
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
        ...this.lines.map(({ label, colour: name, dash }) => ({
          label,
          stroke: colour(name),
          width: 2,
          dash: [...dash],
          points: { show: false },
        })),
      ],
      yAxis: { values: (_plot, values) => values.map((value) => this.format(value)) },
      hooks: { setCursor: [(plot: uPlot) => this.tell(plot.cursor.idx ?? null)] },
    };
  }

  private tell(index: number | null): void {
    const at = index ?? this.times.length - 1;
    this.values.forEach((value, i) => setText(value, this.format(this.courses[i]?.[at] ?? null)));
    const time = this.times[at];
    this.frame.say(
      time === undefined ? '' : `${index === null ? 'Last: ' : ''}${formatTime(time)}`,
    );
  }
}

/** A chunk of the line, dashed as it is. */
function createKey({ colour: name, dash }: Line): SVGElement {
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
