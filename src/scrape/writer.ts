import type { CellType, FamilyView, Series } from '../metrics/family';
import type { UserMetric } from './user-metric';

/** Writes metrics in one format, one after another. */
export interface MetricWriter {
  beginFamily(family: FamilyView): void;
  /** Writes one series of the family that was begun last. */
  series(type: CellType, series: Series): void;
  endFamily(): void;
  /** Writes a user's metric in steps of about one series, between which the caller may yield. */
  userMetric(metric: UserMetric): Iterable<void>;
  /** Number of bytes that are written and not taken yet. */
  readonly length: number;
  /** Takes what was written since the last time. The buffer is valid until the next write. */
  take(): Buffer;
  /** Writes the end of the format, and takes the rest. */
  finish(): Buffer;
}

/** Receives a render chunk by chunk, so that the whole body is never in memory at once. */
export interface Sink {
  /** Resolves once the sink no longer needs the chunk, whose memory is then overwritten. */
  write(chunk: Buffer): Promise<void>;
}
