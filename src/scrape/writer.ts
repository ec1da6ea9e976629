import type { CellType, FamilyView, Series } from '../metrics/family';
import { type Labels, labelText } from '../metrics/labels';
import type { Sample } from '../metrics/registry-metric';

/** An exemplar as the client library has it. */
export interface UserExemplar {
  readonly labelSet?: Readonly<Record<string, string | number>>;
  readonly value?: number | null;
  /** Seconds since 1970. */
  readonly timestamp?: number;
}

/** A metric that is not of this package, as its `get()` gave it. */
export interface UserMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly (Sample & { readonly exemplar?: UserExemplar | null })[];
}

/** Writes metrics in one format, one after another. */
export interface MetricWriter {
  beginFamily(family: FamilyView): void;
  /** One series of the family that was begun. */
  series(type: CellType, series: Series): void;
  endFamily(): void;
  userMetric(metric: UserMetric): void;
  /** How many bytes are written and not taken yet. */
  readonly length: number;
  /** What was written since the last time, valid until the next write. */
  take(): Buffer;
  /** Writes what ends the format, and takes the rest. */
  finish(): Buffer;
}

/** Takes a render chunk by chunk, so that it never stands in memory as a whole. */
export interface Sink {
  /** Resolves once the chunk is done with: it is overwritten then. */
  write(chunk: Buffer): Promise<void>;
}

/** The labels of series with default labels behind them. */
export class MergedLabels {
  private readonly names: readonly string[];
  /** The default labels alone, as they stand in a text line. */
  readonly text: string;

  constructor(private readonly defaultLabels: Labels) {
    this.names = Object.keys(defaultLabels);
    this.text = labelText(defaultLabels);
  }

  /** The labels of a series with the default labels that it does not set itself, as they stand in a text line. */
  of(series: Series): string {
    const { text } = series;
    if (this.text === '') return text;
    let defaults = this.text;
    if (this.names.some((name) => series.hasLabel(name))) {
      const others = Object.entries(this.defaultLabels).filter(([name]) => !series.hasLabel(name));
      defaults = labelText(Object.fromEntries(others));
    }
    return text === '' || defaults === '' ? text + defaults : `${text},${defaults}`;
  }
}
