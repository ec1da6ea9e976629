// The file that the server answers with a profile: the profile of V8, and notes of this package beside it. Other tools ignore
// the notes.

/** Which time or memory a profile samples. */
export type ProfileType = 'cpu' | 'heap';

/** A function in a profile. Lines and columns count from 0. */
export interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** The content of a `.cpuprofile`. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  /** In microseconds on a monotonic clock, like `endTime`. */
  readonly startTime: number;
  readonly endTime: number;
  /** The id of the node on top of the stack at each sample. */
  readonly samples?: readonly number[];
  /** Microseconds between each sample and the one before it. */
  readonly timeDeltas?: readonly number[];
}

export interface HeapNode {
  readonly callFrame: CallFrame;
  /** Bytes that the function itself has allocated. */
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

/** The content of a `.heapprofile`. */
export interface HeapProfile {
  readonly head: HeapNode;
}

/** A function that is a method of a Thrift service. */
export interface ProfiledMethod {
  readonly service: string;
  readonly method: string;
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** What the profile is about, and which of its functions have a meaning for this package. */
export interface ProfileNotes {
  readonly type: ProfileType;
  /** What the program is called. */
  readonly service: string;
  readonly host: string;
  readonly pid: number;
  /** Number of the worker thread, or 0 for the main thread. A profile is of one thread. */
  readonly thread: number;
  /** Whether the program has other processes or threads, which the profile does not include. */
  readonly hasWorkers: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly seconds: number;
  /** In microseconds for `cpu`, in bytes for `heap`. */
  readonly interval: number;
  readonly methods: readonly ProfiledMethod[];
  /** What the URLs of all files of this package begin with. Empty if they are not told apart from those of the program. */
  readonly packageUrls: readonly string[];
}

export type ProfileFile = (CpuProfile | HeapProfile) & { readonly thriftMetrics: ProfileNotes };
