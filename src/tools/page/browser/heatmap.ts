import { ChartFrame } from './chart-frame.js';
import { formatSeconds, formatTime } from './format.js';
import type { Time } from './protocol.js';
import { themeColor } from './theme.js';
import type uPlot from './uplot.js';

/** The latency distribution over time: a column per step, a row per bucket, and a stronger color for more calls. */
export class Heatmap {
  private readonly frame: ChartFrame;
  private times: readonly Time[] = [];
  private bounds: readonly number[] = [];
  private heat: readonly (readonly number[])[] = [];

  constructor(title: string) {
    this.frame = new ChartFrame(title, () => this.options());
  }

  get node(): HTMLElement {
    return this.frame.node;
  }

  show(
    times: readonly Time[],
    bounds: readonly number[],
    heat: readonly (readonly number[])[],
  ): void {
    this.times = times;
    this.bounds = bounds;
    this.heat = heat;
    const totals = heat.reduce<readonly number[]>(
      (sum, column) => column.map((count, i) => count + (sum[i] ?? 0)),
      [],
    );
    const fullest = totals.indexOf(Math.max(0, ...totals));
    const summary =
      fullest === -1 || totals[fullest] === 0
        ? 'no calls'
        : `most calls took ${this.bucket(fullest)}`;
    this.frame.show([times.map((time) => time / 1000), times.map(() => null)], summary);
    this.frame.showReadout(summary);
  }

  repaint(): void {
    this.frame.repaint();
  }

  close(): void {
    this.frame.close();
  }

  private options(): ReturnType<ConstructorParameters<typeof ChartFrame>[1]> {
    const fill = themeColor('heat');
    return {
      scales: { y: { range: () => [0, this.bounds.length + 1] } },
      series: [{}, { paths: () => null, points: { show: false } }],
      yAxis: {
        // Draws a line at each bound, but only as many labels as fit.
        splits: () => this.bounds.map((_, i) => i + 1),
        values: (plot, splits) => {
          const labelEvery = Math.max(
            1,
            Math.ceil((14 * splits.length) / (plot.bbox.height / devicePixelRatio)),
          );
          return splits.map((split, i) =>
            i % labelEvery === 0 ? formatSeconds(this.bounds[split - 1] ?? null) : '',
          );
        },
      },
      hooks: {
        draw: [(plot: uPlot) => this.draw(plot, fill)],
        setCursor: [(plot: uPlot) => this.showBucket(plot)],
      },
    };
  }

  private draw(plot: uPlot, fill: string): void {
    const { ctx } = plot;
    const most = Math.max(1, ...this.heat.flat());
    ctx.save();
    ctx.fillStyle = fill;
    this.heat.forEach((column, at) => {
      const end = plot.valToPos((this.times[at] as number) / 1000, 'x', true);
      const before = this.times[at - 1];
      const begin = before === undefined ? plot.bbox.left : plot.valToPos(before / 1000, 'x', true);
      column.forEach((count, bucket) => {
        if (count === 0) return;
        const top = plot.valToPos(bucket + 1, 'y', true);
        const bottom = plot.valToPos(bucket, 'y', true);
        // The square root keeps a few calls visible beside many.
        ctx.globalAlpha = 0.12 + 0.88 * Math.sqrt(count / most);
        ctx.fillRect(begin, top, Math.max(1, end - begin - 1), bottom - top - 1);
      });
    });
    ctx.restore();
  }

  private showBucket(plot: uPlot): void {
    const { left = -1, top = -1 } = plot.cursor;
    if (left < 0 || top < 0) return;
    const time = plot.posToVal(left, 'x') * 1000;
    const at = this.times.findIndex((end) => time <= end);
    const bucket = Math.floor(plot.posToVal(top, 'y'));
    const count = this.heat[at]?.[bucket];
    if (count === undefined) return;
    const end = formatTime(this.times[at] as number);
    this.frame.showReadout(`${count} calls took ${this.bucket(bucket)}, in the step until ${end}`);
  }

  private bucket(index: number): string {
    const from = formatSeconds(index === 0 ? 0 : (this.bounds[index - 1] as number));
    const bound = this.bounds[index];
    return bound === undefined ? `more than ${from}` : `${from} to ${formatSeconds(bound)}`;
  }
}
