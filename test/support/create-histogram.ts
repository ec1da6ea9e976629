import type { HistogramCell } from '../../src/metrics/histogram-cell';
import { HistogramStore } from '../../src/metrics/histogram-store';

export function createHistogram(
  bounds: readonly number[],
  store = new HistogramStore(),
): HistogramCell {
  return store.create(store.shapeOf(bounds));
}
