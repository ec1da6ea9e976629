import type { CellIndex } from '../metrics/variable-series';

/**
 * A map by several label values: maps within maps, one level per label, so that no combination of values can be mistaken
 * for another. A leaf is never a map.
 */
export class LabelTree<T> implements CellIndex<T> {
  private readonly root = new Map<string, unknown>();
  private readonly branches = new Map<string, CellIndex<T>>();

  get(values: readonly string[]): T | undefined {
    let node: unknown = this.root;
    for (const value of values) {
      node = (node as Map<string, unknown>).get(value);
      if (node === undefined) return undefined;
    }
    return node as T;
  }

  set(values: readonly string[], leaf: T): void {
    let node = this.root;
    for (const value of values.slice(0, -1)) {
      let child = node.get(value) as Map<string, unknown> | undefined;
      if (child === undefined) node.set(value, (child = new Map<string, unknown>()));
      node = child;
    }
    node.set(values[values.length - 1] as string, leaf);
  }

  delete(values: readonly string[]): void {
    deleteIn(this.root, values, 0);
  }

  entries(): Iterable<[values: string[], leaf: T]> {
    return entriesOf<T>(this.root, []);
  }

  /** The leaves whose path begins with this value, by the values after it. */
  branch(first: string): CellIndex<T> {
    let branch = this.branches.get(first);
    if (branch === undefined) {
      branch = {
        get: (values) => this.get([first, ...values]),
        set: (values, leaf) => this.set([first, ...values], leaf),
        delete: (values) => this.delete([first, ...values]),
        entries: () => {
          const node = this.root.get(first);
          return node instanceof Map ? entriesOf<T>(node as Map<string, unknown>, []) : [];
        },
      };
      this.branches.set(first, branch);
    }
    return branch;
  }
}

/** Removes a leaf, and each map on the way to it that is left empty. */
function deleteIn(node: Map<string, unknown>, values: readonly string[], level: number): void {
  const value = values[level] as string;
  const child = node.get(value);
  if (child instanceof Map && level < values.length - 1) {
    deleteIn(child as Map<string, unknown>, values, level + 1);
    if (child.size > 0) return;
  }
  node.delete(value);
}

function* entriesOf<T>(node: Map<string, unknown>, path: string[]): Generator<[string[], T]> {
  for (const [value, child] of node) {
    const values = [...path, value];
    if (child instanceof Map) yield* entriesOf<T>(child as Map<string, unknown>, values);
    else yield [values, child as T];
  }
}
