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
  private readonly passing = new Set<WeakRef<AgeSource>>();
  /** How many of these there may be before those that are gone are looked for. */
  private mostPassing = 16;

  constructor() {
    super();
    Object.defineProperty(this, 'value', { get: () => this.oldest(), set: () => {} });
  }

  /** Adds a source for as long as somebody else holds it: of a class that is loaded anew, or of a handler object. */
  addPassing(source: AgeSource): void {
    this.passing.add(new WeakRef(source));
    if (this.passing.size <= this.mostPassing) return;
    const { length } = [...this.all()];
    this.mostPassing = Math.max(16, 2 * length);
  }

  override reset(): void {
    for (const source of this.all()) source.clear();
    super.reset();
  }

  private oldest(): number {
    let oldest = 0;
    for (const source of this.all()) oldest = Math.max(oldest, source.oldestSeconds());
    return oldest;
  }

  private *all(): Generator<AgeSource> {
    yield* this.sources;
    for (const reference of this.passing) {
      const source = reference.deref();
      if (source === undefined) this.passing.delete(reference);
      else yield source;
    }
  }
}
