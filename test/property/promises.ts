type End = (how: 'resolve' | 'reject', value: unknown) => void;
export type Settle = (end: End) => void;

class Subclass<T> extends Promise<T> {}

/** Like a promise of a third-party library: it can be chained, and unhandled rejections are reported. */
class Foreign implements PromiseLike<unknown> {
  constructor(private readonly inner: Promise<unknown>) {}

  then<A, B>(...reactions: Parameters<Promise<unknown>['then']>): PromiseLike<A | B> {
    return new Foreign(this.inner.then(...reactions)) as unknown as PromiseLike<A | B>;
  }
}

/** The minimum that `await` accepts as a promise. It calls back synchronously and, against all rules, twice. */
class Bare implements PromiseLike<unknown> {
  private ended: Parameters<End> | undefined;
  private readonly waiting: ((...ended: Parameters<End>) => void)[] = [];

  constructor(settle: Settle) {
    settle((...ended) => {
      this.ended = ended;
      for (const each of this.waiting) each(...ended);
    });
  }

  then(...[resolved, rejected]: Parameters<Promise<unknown>['then']>): never {
    const answer = (...[how, value]: Parameters<End>) => {
      const reaction = how === 'resolve' ? resolved : rejected;
      reaction?.(value);
      reaction?.(value);
    };
    if (this.ended === undefined) this.waiting.push(answer);
    else answer(...this.ended);
    return undefined as never;
  }
}

const executor =
  (settle: Settle) => (resolve: (value: unknown) => void, reject: (error: unknown) => void) =>
    settle((how, value) => (how === 'resolve' ? resolve : reject)(value));

/** Each kind of promise that a method may return. */
export const promise = {
  native: (settle: Settle) => new Promise(executor(settle)),
  subclass: (settle: Settle) => new Subclass(executor(settle)),
  thenable: (settle: Settle) => new Foreign(new Promise(executor(settle))),
  bare: (settle: Settle) => new Bare(settle),
  isForeign: (value: unknown): value is PromiseLike<unknown> =>
    isInstance(value, Foreign) || isInstance(value, Bare),
};

// `instanceof` triggers the traps of hostile specimens.
function isInstance(value: unknown, type: typeof Foreign | typeof Bare): boolean {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}
