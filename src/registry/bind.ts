import type { CellOf, CellType } from '../metrics/family';
import { HistogramCell } from '../metrics/histogram-cell';
import { SummaryCell } from '../metrics/summary-cell';
import { MethodBinding } from './method-binding';
import type { HeldSeries, MethodDeclaration } from './method-declaration';

/**
 * Gives a declaration its series under the name of a service, at 0, and lets its plan write into them. Series that it
 * held under another name are given up.
 */
export function bind(declaration: MethodDeclaration, service: string): void {
  const before = declaration.held;
  const binding = new MethodBinding(declaration, service);
  try {
    for (const spec of declaration.specs) binding.add(spec);
  } catch (error) {
    release(binding.held);
    throw error;
  }
  declaration.held = binding.held;
  release(before);
  const isPlain = binding.changes.hasCallLabels !== true;
  Object.assign(declaration.plan, binding.changes, { service, ready: true, isPlain });
}

/** Series that nobody holds any more go, unless something was counted in them. */
function release(held: readonly HeldSeries[]): void {
  for (const { family, series } of held) {
    series.owners--;
    if (series.owners === 0 && isZero(series.cell)) family.remove(series);
  }
}

function isZero(cell: CellOf[CellType]): boolean {
  if (cell instanceof HistogramCell) return cell.count() === 0;
  if (cell instanceof SummaryCell) return cell.count === 0;
  return cell.value === 0;
}
