import type { HistogramCell } from '../metrics/histogram-cell';
import { NativeBuckets } from '../metrics/native-buckets';
import { DEFAULT_NATIVE_HISTOGRAMS, type NativeHistogramSettings } from './settings';
import { state } from './state';

/** Cells whose decorator says for itself whether they have native buckets. */
const decided = new WeakSet<HistogramCell>();

/** Gives a new histogram native buckets, if its decorator or the configuration says so. */
export function addNativeBuckets(cell: HistogramCell, native: boolean | null): void {
  if (native !== null) decided.add(cell);
  const settings = state.settings.nativeHistograms;
  if (native ?? settings !== null) cell.native = create(settings);
}

/** Takes over the configuration for every histogram that does not say for itself. They start at 0. */
export function configureNativeHistograms(settings: NativeHistogramSettings | null): void {
  state.settings.nativeHistograms = settings;
  for (const family of state.families.values()) {
    if (family.type !== 'histogram') continue;
    for (const series of family.series()) {
      const cell = series.cell as HistogramCell;
      if (decided.has(cell)) continue;
      // Both kinds of buckets must hold the same observations.
      cell.reset();
      cell.native = settings === null ? null : create(settings);
    }
  }
}

function create(settings: NativeHistogramSettings | null): NativeBuckets {
  const { resolution, maxBuckets } = settings ?? DEFAULT_NATIVE_HISTOGRAMS;
  return new NativeBuckets(resolution, maxBuckets);
}
