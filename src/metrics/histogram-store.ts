import { BucketSlabs } from './bucket-slab';
import { HistogramCell, type HistogramShape } from './histogram-cell';
import { SharedLists } from './shared-lists';

/** Creates histograms that share slabs, and one object for equal shapes. */
export class HistogramStore {
  private readonly slabs = new BucketSlabs();
  /** As few as the lists of bounds. */
  private readonly shapes: HistogramShape[] = [];

  constructor(private readonly lists = new SharedLists()) {}

  /** Creates a histogram at 0. */
  create(shape: HistogramShape): HistogramCell {
    return new HistogramCell(shape, this.slabs);
  }

  /** Returns one object for equal arguments, with one array for equal bounds. */
  shapeOf(
    bounds: readonly number[],
    boundsInCode: readonly number[] | null = null,
    nativeInCode: boolean | null = null,
  ): HistogramShape {
    const own = this.lists.of(bounds);
    const ownInCode = boundsInCode && this.lists.of(boundsInCode);
    let shape = this.shapes.find(
      (each) =>
        each.bounds === own &&
        each.boundsInCode === ownInCode &&
        each.nativeInCode === nativeInCode,
    );
    if (shape === undefined) {
      this.shapes.push((shape = { bounds: own, boundsInCode: ownInCode, nativeInCode }));
    }
    return shape;
  }
}
