import { element, setText } from './dom.js';
import { formatBytes, formatCount, formatRate, formatSeconds, formatShare } from './format.js';
import type { Course, Figure, Overview } from './protocol.js';
import { Sparkline } from './sparkline.js';

/** One figure with its name and course. */
class Tile {
  readonly node: HTMLElement;
  private readonly value = element('dd', { class: 'value' });
  private readonly note = element('dd', { class: 'note' });
  private readonly line = new Sparkline('plain');

  constructor(name: string, id: string) {
    this.node = element(
      'div',
      { class: 'tile', id },
      element('dt', {}, name),
      this.value,
      this.note,
      element('dd', { class: 'trend' }, this.line.node),
    );
  }

  show(value: string, note: string, course: Course, most = 0): void {
    setText(this.value, value);
    setText(this.note, note);
    this.line.show(course, most);
  }
}

/** How the process does, and its methods as a whole. */
export class Health {
  private readonly rate = new Tile('Calls', 'all-rate');
  private readonly active = new Tile('In flight', 'all-in-flight');
  private readonly delay = new Tile('Event loop delay', 'loop-delay');
  private readonly cpu = new Tile('CPU', 'cpu');
  private readonly heap = new Tile('Heap', 'heap');
  readonly node = element(
    'dl',
    { class: 'tiles', 'aria-label': 'Process' },
    this.rate.node,
    this.active.node,
    this.delay.node,
    this.cpu.node,
    this.heap.node,
  );

  show({ process, methods }: Overview): void {
    const failing = methods.filter(({ undeclaredRatio }) => (undeclaredRatio ?? 0) > 0).length;
    this.rate.show(
      formatRate(sum(methods.map(({ rate }) => rate))),
      failing === 0 ? 'no method fails' : `▲ ${failing} of ${methods.length} methods failing`,
      sumOfCourses(methods.map((row) => row.rates)),
    );
    const busy = methods.filter(({ inFlight }) => (inFlight ?? 0) > 0).length;
    this.active.show(
      formatCount(sum(methods.map(({ inFlight }) => inFlight))),
      `in ${busy} of ${methods.length} methods`,
      sumOfCourses(methods.map((row) => row.inFlights)),
    );
    const { loopDelay, cpu, heapUsed, heapLimit } = process;
    this.delay.show(
      formatSeconds(highest(loopDelay)),
      `longest; now ${formatSeconds(loopDelay.at(-1) ?? null)}`,
      loopDelay,
    );
    this.cpu.show(formatShare(cpu.at(-1) ?? null), 'of one core, now', cpu, 1);
    this.heap.show(
      formatBytes(heapUsed.at(-1) ?? null),
      `of at most ${formatBytes(heapLimit)}`,
      heapUsed,
    );
  }
}

/** Null where nothing can be told. */
function sum(figures: readonly Figure[]): Figure {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : known.reduce((total, figure) => total + figure, 0);
}

function sumOfCourses(courses: readonly Course[]): Course {
  const length = Math.max(0, ...courses.map((course) => course.length));
  return Array.from({ length }, (_, i) => sum(courses.map((course) => course[i] ?? null)));
}

function highest(course: Course): Figure {
  return course.length === 0 ? null : Math.max(...course.map((value) => value ?? 0));
}
