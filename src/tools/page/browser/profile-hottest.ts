import type { Frame, FrameKind } from './profile-tree.js';

/** A function or a method, with all its frames. */
export interface Hot {
  readonly name: string;
  readonly location: string;
  readonly kind: FrameKind;
  /** Microseconds or bytes of the function itself. */
  self: number;
  /** Of the function and everything that it has called. */
  total: number;
}

export interface Hottest {
  /** By total, the most first. */
  readonly methods: readonly Hot[];
  /** By self, the most first. */
  readonly functions: readonly Hot[];
}

/** Lists the methods and the functions of a tree with most time or bytes. */
export function hottestOf(root: Frame, limit: number): Hottest {
  const found = new Map<string, Hot>();
  for (const child of root.children) visit(child, found, new Set());
  const all = [...found.values()];
  return {
    methods: all
      .filter(({ kind }) => kind === 'method')
      .toSorted((a, b) => b.total - a.total)
      .slice(0, limit),
    functions: all
      .filter(({ self }) => self > 0)
      .toSorted((a, b) => b.self - a.self)
      .slice(0, limit),
  };
}

/** Returns the total of a frame. A function that calls itself counts once for each stack. */
function visit(frame: Frame, found: Map<string, Hot>, stack: Set<Hot>): number {
  const { name, location, kind, self, children } = frame;
  const key = `${kind} ${name} ${location}`;
  let hot = found.get(key);
  if (hot === undefined) {
    hot = { name, location, kind, self: 0, total: 0 };
    found.set(key, hot);
  }
  const isOutermost = !stack.has(hot);
  stack.add(hot);
  let total = self;
  for (const child of children) total += visit(child, found, stack);
  hot.self += self;
  if (isOutermost) {
    hot.total += total;
    stack.delete(hot);
  }
  return total;
}
