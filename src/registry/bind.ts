import type { CellOf, CellType } from '../metrics/family';
import { HistogramCell } from '../metrics/histogram-cell';
import { SummaryCell } from '../metrics/summary-cell';
import { MethodBinding } from './method-binding';
import type { HeldSeries, MethodDeclaration } from './method-declaration';
import { state } from './state';

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
  remember(declaration, service);
  declaration.held = binding.held;
  release(before);
  const isPlain = binding.changes.hasCallLabels !== true;
  Object.assign(declaration.plan, binding.changes, { service, ready: true, isPlain });
}

/** For whoever shows what is declared in the process. */
function remember(declaration: MethodDeclaration, service: string): void {
  const { methods } = state;
  const { method, specs } = declaration;
  if (declaration.held.length > 0) {
    // Under the name of a service, or with the metrics, that it had before.
    for (const [key, known] of methods) if (known === declaration) methods.delete(key);
  }
  const metrics = specs.map(({ name }) => name).join(' ');
  methods.set(JSON.stringify([service, method, metrics]), declaration);
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
