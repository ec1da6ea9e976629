import type { GaugeCell } from './cell';
import type { CellOf, CellType } from './family-series';

type Cell = CellOf[CellType];

/** Number of sweeps in a row that saw no recording in a series that is idle. */
export const IDLE_SWEEPS = 8;

/** Above every number of sweeps. */
const BASE = 16;

/**
 * Knows for how many sweeps in a row nothing was recorded in each cell. Calls do nothing for it: a sweep compares the count
 * of a cell with what it was at the sweep before.
 */
export class IdleSweeps {
  /** The count of each cell times {@link BASE}, plus its number of sweeps: a small number takes no memory of its own. */
  private readonly seen = new Map<Cell, number>();

  /**
   * Looks at a cell, once in each sweep.
   *
   * @param previous the `cellTime` at which the sweep before began
   * @returns whether the cell is idle
   */
  isIdle(cell: Cell, previous: number): boolean {
    const count = countOf(cell);
    const before = this.seen.get(cell) ?? -1;
    // A cell that was reset can have the same count again.
    const isUsed = 'generation' in cell ? isMoved(cell) : cell.startedAt >= previous;
    const sweeps = isUsed || Math.floor(before / BASE) !== count ? 0 : (before % BASE) + 1;
    this.seen.set(cell, count * BASE + Math.min(sweeps, IDLE_SWEEPS));
    return sweeps >= IDLE_SWEEPS;
  }

  forget(cell: Cell): void {
    this.seen.delete(cell);
  }
}

function countOf(cell: Cell): number {
  // A gauge can return to the value that it had.
  if ('generation' in cell) return 0;
  if (!('count' in cell)) return cell.read();
  return typeof cell.count === 'number' ? cell.count : cell.count();
}

/**
 * Whether a gauge is above 0, or a call has changed it since this was asked last. It then was left at -0, and adding and
 * subtracting 1 makes that 0.
 */
function isMoved(cell: GaugeCell): boolean {
  if (Object.is(cell.value, -0)) return false;
  if (cell.value === 0) cell.value = -0;
  return true;
}
