import { GaugeCell } from './gauge-cell';

/** Something that knows since when what it holds has been waiting. */
export interface AgeSource {
  /** Seconds; 0 when it holds nothing. */
  oldestSeconds(): number;
  /** Lets go of all that it holds. */
  clear(): void;
}

/** A gauge that is computed when it is read: the greatest age that its sources know. */
export class AgeCell extends GaugeCell {
  readonly sources = new Set<AgeSource>();

  constructor() {
    super();
    Object.defineProperty(this, 'value', { get: () => this.oldest(), set: () => {} });
  }

  override reset(): void {
    for (const source of this.sources) source.clear();
    super.reset();
  }

  private oldest(): number {
    let oldest = 0;
    for (const source of this.sources) oldest = Math.max(oldest, source.oldestSeconds());
    return oldest;
  }
}
