import type { LabelFunction } from './label-function';
import type { ObservedCall } from './observed-call';
import type { Lookup } from './plan';

/** Finds or makes the cell of a label combination. `kept` is false for the one that all over the limit share. */
export type CellSource<C> = (values: readonly string[]) => { cell: C; kept: boolean };

/** A map of label values to cells for one variable label: no key is built. */
class OneLabelLookup<C> implements Lookup<C> {
  private readonly cells = new Map<string, C>();

  constructor(
    private readonly label: LabelFunction,
    private readonly source: CellSource<C>,
  ) {}

  find(call: ObservedCall): C {
    const value = this.label(call);
    return this.cells.get(value) ?? this.make(value);
  }

  private make(value: string): C {
    const { cell, kept } = this.source([value]);
    if (kept) this.cells.set(value, cell);
    return cell;
  }
}

/** Maps within maps, one level for each label, so that no combination of values can be taken for another. */
export class CellTree<C> {
  private readonly root = new Map<string, unknown>();

  constructor(private readonly source: CellSource<C>) {}

  find(values: readonly string[]): C {
    let node: unknown = this.root;
    for (const value of values) {
      node = (node as Map<string, unknown>).get(value);
      if (node === undefined) return this.make(values);
    }
    return node as C;
  }

  private make(values: readonly string[]): C {
    const { cell, kept } = this.source(values);
    if (!kept) return cell;
    let node = this.root;
    for (const value of values.slice(0, -1)) {
      let child = node.get(value) as Map<string, unknown> | undefined;
      if (child === undefined) node.set(value, (child = new Map<string, unknown>()));
      node = child;
    }
    node.set(values[values.length - 1] as string, cell);
    return cell;
  }
}

class ManyLabelsLookup<C> implements Lookup<C> {
  private readonly tree: CellTree<C>;

  constructor(
    private readonly labels: readonly LabelFunction[],
    source: CellSource<C>,
  ) {
    this.tree = new CellTree(source);
  }

  find(call: ObservedCall): C {
    return this.tree.find(this.labels.map((label) => label(call)));
  }
}

export function createCellLookup<C>(
  labels: readonly LabelFunction[],
  source: CellSource<C>,
): Lookup<C> {
  return labels.length === 1
    ? new OneLabelLookup(labels[0] as LabelFunction, source)
    : new ManyLabelsLookup(labels, source);
}
