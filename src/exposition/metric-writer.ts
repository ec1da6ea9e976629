import type { CellType, FamilyView, Series } from '../metrics/family';
import type { Sample } from '../metrics/sample';

/** An exemplar as the client library has it. */
export interface ForeignExemplar {
  readonly labelSet?: Readonly<Record<string, string | number>>;
  readonly value?: number | null;
  /** Seconds since 1970. */
  readonly timestamp?: number;
}

/** A metric that is not of this package, as its `get()` gave it. */
export interface ForeignMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly (Sample & { readonly exemplar?: ForeignExemplar | null })[];
}

/** Writes metrics in one format, one after another. */
export interface MetricWriter {
  beginFamily(family: FamilyView): void;
  /** One series of the family that was begun. */
  series(type: CellType, series: Series): void;
  endFamily(): void;
  foreign(metric: ForeignMetric): void;
  /** How many bytes are written and not taken yet. */
  readonly length: number;
  /** What was written since the last time, valid until the next write. */
  take(): Buffer;
  /** Writes what ends the format, and takes the rest. */
  finish(): Buffer;
}
