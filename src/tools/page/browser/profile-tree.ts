import type {
  CallFrame,
  CpuProfile,
  HeapNode,
  HeapProfile,
  ProfiledMethod,
  ProfileFile,
  ProfileNotes,
} from './profile-protocol.js';

/** Methods that are named if they share a function. */
const MOST_NAMED = 3;

/** Whose code a frame is. */
export type FrameKind = 'all' | 'method' | 'program' | 'library' | 'runtime' | 'package';

/** A function in one place of the call tree, or a group of them. */
export interface Frame {
  readonly name: string;
  /** Where the function is written, or `''`. */
  readonly location: string;
  readonly kind: FrameKind;
  /** Number of the method that it runs for, which decides its color, or null. */
  readonly method: number | null;
  /** Microseconds or bytes of the function itself. */
  self: number;
  readonly children: Frame[];
}

/** A profile as a tree, in which all calls of a method are one frame below the root. */
export interface ProfileTree {
  readonly root: Frame;
  /** Microseconds or bytes of all frames. */
  readonly total: number;
  /** Microseconds in which the process had nothing to do. 0 for the heap. */
  readonly idle: number;
}

/** The name of everything that no method has called. */
const OTHER_CODE = 'outside of methods';

/** The name of the frames of this package, which are folded. */
const PACKAGE = 'thrift-metrics';

/** What V8 calls the time without calls. */
const IDLE = '(idle)';

/** A node of either kind of profile. */
interface CallNode {
  readonly callFrame: CallFrame;
  readonly self: number;
  readonly children: readonly CallNode[];
}

/** Groups a profile by method, and folds the frames of this package. Every microsecond and byte is in the tree once. */
export function createTree(file: ProfileFile): ProfileTree {
  const { thriftMetrics: notes } = file;
  const calls = 'nodes' in file ? cpuCalls(file) : heapCalls(file);
  const builder = new TreeBuilder(notes);
  const total = builder.addAll(calls.children);
  return { root: builder.root, total, idle: builder.idle };
}

function cpuCalls({
  nodes,
  samples = [],
  timeDeltas = [],
  endTime,
  startTime,
}: CpuProfile): CallNode {
  const self = new Map<number, number>();
  // A sample lasts until the next one, and the last one until the end.
  let time = startTime;
  for (const [i, id] of samples.entries()) {
    time += timeDeltas[i] ?? 0;
    const duration = i + 1 < samples.length ? (timeDeltas[i + 1] ?? 0) : endTime - time;
    self.set(id, (self.get(id) ?? 0) + Math.max(0, duration));
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callOf = (id: number): CallNode[] => {
    const node = byId.get(id);
    if (node === undefined) return [];
    const { callFrame, children = [] } = node;
    return [{ callFrame, self: self.get(id) ?? 0, children: children.flatMap(callOf) }];
  };
  const [root] = nodes;
  const [found] = root === undefined ? [] : callOf(root.id);
  return found ?? NOTHING;
}

function heapCalls({ head }: HeapProfile): CallNode {
  const callOf = ({ callFrame, selfSize, children }: HeapNode): CallNode => ({
    callFrame,
    self: selfSize,
    children: children.map(callOf),
  });
  return callOf(head);
}

const NOTHING: CallNode = {
  callFrame: { functionName: '', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 },
  self: 0,
  children: [],
};

class TreeBuilder {
  readonly root = createFrame('everything', '', 'all', null);
  idle = 0;
  /** The names of the methods at a location. A function can run as a method of several services. */
  private readonly methods: ReadonlyMap<string, string>;
  /** The children of each frame, by what makes them one frame. */
  private readonly children = new Map<Frame, Map<string, Frame>>();
  private readonly numbers = new Map<string, number>();

  constructor(private readonly notes: ProfileNotes) {
    this.methods = namesByLocation(notes.methods);
  }

  /** Adds everything that was called from the event loop. Returns the total. */
  addAll(calls: readonly CallNode[]): number {
    const other = this.child(this.root, OTHER_CODE, '', 'program', null);
    for (const call of calls) {
      const { functionName } = call.callFrame;
      if (functionName === IDLE) this.idle += call.self;
      // What V8 does beside the calls, such as collecting garbage, has a name in parentheses.
      else this.add(call, functionName.startsWith('(') ? this.root : other, null);
    }
    return prune(this.root);
  }

  /**
   * Adds a call, and those that it has made.
   *
   * @param caller the frame below which it belongs, unless it is the outermost method of the stack
   * @param method the number of the method on the stack, or null if there is none so far
   */
  private add({ callFrame, self, children }: CallNode, caller: Frame, method: number | null): void {
    const name = this.methods.get(locationKey(callFrame));
    let number = method;
    let frame: Frame;
    if (name !== undefined) {
      number ??= this.numberOf(name);
      const parent = method === null ? this.root : caller;
      frame = this.child(parent, name, locationOf(callFrame), 'method', number);
    } else if (this.isOfPackage(callFrame)) {
      // Folded: what the package has called belongs to its caller, and its own time is a frame beside that.
      if (self > 0) this.child(caller, PACKAGE, '', 'package', method).self += self;
      for (const each of children) this.add(each, caller, method);
      return;
    } else {
      const kind = kindOf(callFrame);
      frame = this.child(caller, nameOf(callFrame), locationOf(callFrame), kind, method);
    }
    frame.self += self;
    for (const each of children) this.add(each, frame, number);
  }

  private isOfPackage({ url }: CallFrame): boolean {
    return this.notes.packageUrls.some((prefix) => url.startsWith(prefix));
  }

  private numberOf(name: string): number {
    const number = this.numbers.get(name) ?? this.numbers.size;
    this.numbers.set(name, number);
    return number;
  }

  private child(
    parent: Frame,
    name: string,
    location: string,
    kind: FrameKind,
    method: number | null,
  ): Frame {
    const children = this.children.get(parent) ?? new Map<string, Frame>();
    this.children.set(parent, children);
    const key = `${kind} ${name} ${location}`;
    let frame = children.get(key);
    if (frame === undefined) {
      frame = createFrame(name, location, kind, method);
      children.set(key, frame);
      parent.children.push(frame);
    }
    return frame;
  }
}

function createFrame(
  name: string,
  location: string,
  kind: FrameKind,
  method: number | null,
): Frame {
  return { name, location, kind, method, self: 0, children: [] };
}

/** Removes frames without any time, such as those that have only led to methods. Returns the time of a frame. */
function prune(frame: Frame): number {
  const { children } = frame;
  let total = frame.self;
  let kept = 0;
  for (const child of children) {
    const time = prune(child);
    total += time;
    if (time > 0) children[kept++] = child;
  }
  children.length = kept;
  return total;
}

function namesByLocation(methods: readonly ProfiledMethod[]): Map<string, string> {
  const found = new Map<string, Set<string>>();
  for (const each of methods) {
    const key = locationKey(each);
    found.set(key, (found.get(key) ?? new Set()).add(`${each.service}.${each.method}`));
  }
  return new Map([...found].map(([key, names]) => [key, nameOfAny([...names])]));
}

/** The name of a function that handles several methods, which cannot be told apart. */
function nameOfAny(names: readonly string[]): string {
  const named = names.slice(0, MOST_NAMED).join(' or ');
  const others = names.length - MOST_NAMED;
  return others > 0 ? `${named} or ${others} more` : named;
}

type Location = Pick<CallFrame, 'scriptId' | 'lineNumber' | 'columnNumber'>;

function locationKey({ scriptId, lineNumber, columnNumber }: Location): string {
  return `${scriptId}:${lineNumber}:${columnNumber}`;
}

function nameOf({ functionName }: CallFrame): string {
  return functionName === '' ? '(anonymous)' : functionName;
}

/** The file and the line, with as much of the path as tells files of the same name apart. */
function locationOf({ url, lineNumber }: CallFrame): string {
  if (url === '') return '';
  const path = url.split(/[\\/]/).slice(-3).join('/');
  return `${url.startsWith('file:') ? decoded(path) : path}:${lineNumber + 1}`;
}

function decoded(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}

function kindOf({ url }: CallFrame): FrameKind {
  if (url === '' || url.startsWith('node:')) return 'runtime';
  return url.includes('/node_modules/') ? 'library' : 'program';
}
