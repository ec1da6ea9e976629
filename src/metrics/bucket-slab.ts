/** Rows of a slab of {@link BucketSlabs}, except for the first ones. */
const MAX_ROWS = 128;
/** Rows of the first slab. Each further slab has twice as many, because most programs have few histograms. */
const MIN_ROWS = 8;

const BYTES_PER_ROW = 2 * Float64Array.BYTES_PER_ELEMENT;

/**
 * The numbers of histograms that have the same number of buckets, one row each. A histogram with 15 buckets takes 76 bytes of
 * a slab. In objects of its own they would take 200 bytes: 168 for an array of the counts, and 16 for each boxed number.
 */
export class BucketSlab {
  /** Observations per bucket, row after row, modulo 2^32. */
  readonly counts: Uint32Array;
  readonly sums: Float64Array;
  /** When each histogram was empty. A field would take a box from the 25th day of a process on. */
  readonly startedAt: Float64Array;
  /** Rows that were given back. */
  private readonly free: number[] = [];
  /** Rows from here on have never been taken. */
  private fresh = 0;

  constructor(
    /** Number of buckets per row, including the one up to +Inf. */
    readonly buckets: number,
    private readonly rows: number,
    /** The slabs that this one is one of, or null if it belongs to one histogram. */
    readonly slabs: BucketSlabs | null,
  ) {
    const bytes = BYTES_PER_ROW + buckets * Uint32Array.BYTES_PER_ELEMENT;
    // One buffer, because V8 takes about 200 bytes for each.
    const buffer = new ArrayBuffer(rows * bytes);
    this.sums = new Float64Array(buffer, 0, rows);
    this.startedAt = new Float64Array(buffer, this.sums.byteLength, rows);
    this.counts = new Uint32Array(buffer, 2 * this.sums.byteLength, rows * buckets);
  }

  get isFull(): boolean {
    return this.free.length === 0 && this.fresh === this.rows;
  }

  /** Whether no row is taken. */
  get isUnused(): boolean {
    return this.free.length === this.fresh;
  }

  /** Takes a row of zeros. The slab must not be full. */
  take(): number {
    return this.free.pop() ?? this.fresh++;
  }

  /** Takes back a row, which another histogram can take then. */
  giveBack(row: number): void {
    this.clear(row);
    this.free.push(row);
    this.slabs?.reopen(this);
  }

  /** Sets the counts and the sum of a row to 0. */
  clear(row: number): void {
    this.counts.fill(0, row * this.buckets, (row + 1) * this.buckets);
    this.sums[row] = 0;
  }

  /** Copies a row of this slab into a new slab with only that row. */
  extract(row: number): BucketSlab {
    const { buckets } = this;
    const copy = new BucketSlab(buckets, 1, null);
    const at = copy.take();
    copy.counts.set(this.counts.subarray(row * buckets, (row + 1) * buckets));
    copy.sums[at] = this.sums[row] as number;
    copy.startedAt[at] = this.startedAt[row] as number;
    return copy;
  }
}

/** The slabs of one number of buckets. */
interface SlabsOfSize {
  /** Slabs that may have a free row. Only the histograms refer to full ones, so these end with the last of them. */
  readonly open: Set<BucketSlab>;
  /** Rows of the next slab. */
  rows: number;
}

/** Gives out rows by number of buckets. */
export class BucketSlabs {
  private readonly bySize = new Map<number, SlabsOfSize>();

  /** Returns a slab that is not full. */
  withRoom(buckets: number): BucketSlab {
    const size = this.sizeOf(buckets);
    for (const slab of size.open) {
      if (!slab.isFull) return slab;
      size.open.delete(slab);
    }
    const slab = new BucketSlab(buckets, size.rows, this);
    size.rows = Math.min(2 * size.rows, MAX_ROWS);
    size.open.add(slab);
    return slab;
  }

  /** Makes a slab available again after a row was given back. Keeps at most one without taken rows. */
  reopen(slab: BucketSlab): void {
    const { open } = this.sizeOf(slab.buckets);
    open.add(slab);
    if (slab.isUnused && open.size > 1) open.delete(slab);
  }

  private sizeOf(buckets: number): SlabsOfSize {
    let size = this.bySize.get(buckets);
    if (size === undefined) {
      this.bySize.set(buckets, (size = { open: new Set(), rows: MIN_ROWS }));
    }
    return size;
  }
}
