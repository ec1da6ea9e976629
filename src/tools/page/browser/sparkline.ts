import type { Course } from './protocol.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const WIDTH = 72;
const HEIGHT = 20;

/** A small line of the course of a figure. The figure stands beside it as text, so readers of text pass it by. */
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

  /** From 0 up to the largest value, or to `most` where that is more. */
  show(course: Course, most = 0): void {
    const highest = Math.max(most, ...course.map((value) => value ?? 0));
    const step = WIDTH / Math.max(1, course.length - 1);
    let path = '';
    let isDown = false;
    course.forEach((value, i) => {
      if (value === null) {
        isDown = false;
        return;
      }
      const x = (i * step).toFixed(1);
      const y = (HEIGHT - 1 - (highest === 0 ? 0 : value / highest) * (HEIGHT - 2)).toFixed(1);
      // A single value between two gaps is a point.
      path += isDown ? `L${x} ${y}` : `M${x} ${y}h.1`;
      isDown = true;
    });
    this.line.setAttribute('d', path);
  }
}
