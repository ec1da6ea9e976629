/**
 * A map by several label values: maps within maps, one level per label, so that no combination of values can be mistaken
 * for another.
 */
export class LabelTree<T> {
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
}
