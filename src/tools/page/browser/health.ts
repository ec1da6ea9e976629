import { element, setText } from './dom.js';
import { formatBytes, formatCount, formatRate, formatSeconds, formatPercentage } from './format.js';
import type { Trend, Figure, Overview } from './protocol.js';
import { painOf } from './sort.js';
import { Sparkline } from './sparkline.js';

/** A named figure with its trend. */
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

  show(value: string, note: string, trend: Trend, most = 0): void {
    setText(this.value, value);
    setText(this.note, note);
    this.line.show(trend, most);
  }
}

/** Tiles that show the health of the process, and all methods together. */
export class Health {
  private readonly rate = new Tile('Calls', 'all-rate');
  private readonly inFlight = new Tile('In flight', 'all-in-flight');
  private readonly delay = new Tile('Event loop delay', 'loop-delay');
  private readonly cpu = new Tile('CPU', 'cpu');
  private readonly heap = new Tile('Heap', 'heap');
  readonly node = element(
    'dl',
    { class: 'tiles', 'aria-label': 'Process' },
    this.rate.node,
    this.inFlight.node,
    this.delay.node,
    this.cpu.node,
    this.heap.node,
  );

  show({ process, methods }: Overview): void {
    const failing = methods.filter((method) => (painOf(method) ?? 0) > 0).length;
    this.rate.show(
      formatRate(sum(methods.map(({ rate }) => rate))),
      failing === 0 ? 'no bad calls' : `▲ bad calls in ${failing} of ${methods.length} methods`,
      sumOfTrends(methods.map((row) => row.rates)),
    );
    const busy = methods.filter(({ inFlight }) => (inFlight ?? 0) > 0).length;
    this.inFlight.show(
      formatCount(sum(methods.map(({ inFlight }) => inFlight))),
      `in ${busy} of ${methods.length} methods`,
      sumOfTrends(methods.map((row) => row.inFlights)),
    );
    const { loopDelay, cpu, heapUsed, heapLimit } = process;
    this.delay.show(
      formatSeconds(highest(loopDelay)),
      `maximum; now ${formatSeconds(loopDelay.at(-1) ?? null)}`,
      loopDelay,
    );
    this.cpu.show(formatPercentage(cpu.at(-1) ?? null), 'of one core, now', cpu, 1);
    this.heap.show(
      formatBytes(heapUsed.at(-1) ?? null),
      `limit ${formatBytes(heapLimit)}`,
      heapUsed,
    );
  }
}

/** The sum of the known figures, or null if none is known. */
function sum(figures: readonly Figure[]): Figure {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : known.reduce((total, figure) => total + figure, 0);
}

function sumOfTrends(trends: readonly Trend[]): Trend {
  const length = Math.max(0, ...trends.map((trend) => trend.length));
  return Array.from({ length }, (_, i) => sum(trends.map((trend) => trend[i] ?? null)));
}

function highest(trend: Trend): Figure {
  return trend.length === 0 ? null : Math.max(...trend.map((value) => value ?? 0));
}
