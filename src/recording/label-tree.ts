import type { CellIndex } from '../metrics/variable-series';

/**
 * A map by several label values: maps within maps, one level per label, so that no combination of values can be mistaken
 * for another. A leaf is never a map.
 */
export class LabelTree<T> implements CellIndex<T> {
  private readonly root = new Map<string, unknown>();

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

  entries(): Iterable<[values: string[], leaf: T]> {
    return entriesOf<T>(this.root, []);
  }
}

function* entriesOf<T>(node: Map<string, unknown>, path: string[]): Generator<[string[], T]> {
  for (const [value, child] of node) {
    const values = [...path, value];
    if (child instanceof Map) yield* entriesOf<T>(child as Map<string, unknown>, values);
    else yield [values, child as T];
  }
}
