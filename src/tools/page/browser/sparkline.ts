import type { Trend } from './protocol.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const WIDTH = 72;
const HEIGHT = 20;

/** A small line that shows the trend of a figure. Hidden from screen readers, because the figure is shown as text. */
export class Sparkline {
  readonly node = document.createElementNS(NAMESPACE, 'svg');
  private readonly line = document.createElementNS(NAMESPACE, 'path');

  constructor(kind: string) {
    this.node.setAttribute('class', `sparkline ${kind}`);
    this.node.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.node.setAttribute('preserveAspectRatio', 'none');
    this.node.setAttribute('aria-hidden', 'true');
    this.node.append(this.line);
  }

  /** Draws values from 0 to the largest one, or to `most` if that is larger. */
  show(trend: Trend, most = 0): void {
    const highest = Math.max(most, ...trend.map((value) => value ?? 0));
    const step = WIDTH / Math.max(1, trend.length - 1);
    let path = '';
    let isDown = false;
    trend.forEach((value, i) => {
      if (value === null) {
        isDown = false;
        return;
      }
      const x = (i * step).toFixed(1);
      const y = (HEIGHT - 1 - (highest === 0 ? 0 : value / highest) * (HEIGHT - 2)).toFixed(1);
      // `h.1` shows a single value between two gaps as a point.
      path += isDown ? `L${x} ${y}` : `M${x} ${y}h.1`;
      isDown = true;
    });
    this.line.setAttribute('d', path);
  }
}
