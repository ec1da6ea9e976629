import { types } from 'node:util';

import { methodOf } from './methods';
import { promise, type Settle } from './promises';
import type { Call, Scenario, When } from './scenario';
import { specimen } from './specimens';

type MethodName = Call['method'];
export type Handler = Record<MethodName, (...args: unknown[]) => unknown>;
export type Methods = Record<MethodName, (...args: never[]) => unknown>;

/** An observation of the caller or the method. Two are the same if each part is the same value. */
export type Entry = readonly unknown[];

/** An action by which a method ends a call. */
interface Event {
  readonly what: 'return' | 'throw' | 'resolve' | 'reject' | 'callback';
  readonly value: unknown;
  /** The second argument of a callback. */
  readonly result?: unknown;
}

export interface MadeCall {
  readonly id: string;
  readonly method: MethodName;
  /** Whether the last argument was a function. */
  readonly callbackStyle: boolean;
  readonly events: Event[];
  /** Observations of the caller and the method, in order. */
  readonly seen: Entry[];
  /** How the promise settled. Kept apart from `seen`, because it may take a microtask more or less. */
  readonly settled: Entry[];
  /** The thenable that the method returned. The caller must receive the same object. */
  thenable: unknown;
}

/** Plays one scenario on one handler and records everything that is observable. */
export class Run {
  readonly made = new Map<string, MadeCall>();
  readonly unhandled: unknown[] = [];
  lateHandlings = 0;
  readonly methods: Methods;
  private handler!: Handler;
  private receiver!: object;
  private readonly another = {};
  private arriving: { made: MadeCall; call: Call } | undefined;
  private scheduled = 0;

  constructor(private readonly scenario: Scenario) {
    const build = (name: MethodName) =>
      methodOf(name, scenario.arity[name], scenario.isAsync[name], (self, args) =>
        this.body(self, args),
      );
    this.methods = { first: build('first'), second: build('second') };
  }

  /** `receiver` is what the methods get when they are called on the handler. */
  async play(handler: Handler, receiver: object = handler): Promise<void> {
    this.handler = handler;
    this.receiver = receiver;
    const collect = (reason: unknown) => void this.unhandled.push(reason);
    const handledLate = () => void this.lateHandlings++;
    process.on('unhandledRejection', collect).on('rejectionHandled', handledLate);
    try {
      for (const [index, call] of this.scenario.calls.entries()) {
        this.call(String(index), call);
        // oxlint-disable-next-line no-await-in-loop -- the calls must run one after the other
        if (!this.scenario.together) await this.quiet();
      }
      await this.quiet();
    } finally {
      process.off('unhandledRejection', collect).off('rejectionHandled', handledLate);
    }
  }

  /** Makes a call as a client would, and returns the promise if there is one. */
  private call(id: string, call: Call): unknown {
    const args = call.args.map(specimen);
    const made: MadeCall = {
      id,
      method: call.method,
      callbackStyle: call.callback !== undefined || typeof args.at(-1) === 'function',
      events: [],
      seen: [],
      settled: [],
      thenable: undefined,
    };
    this.made.set(id, made);
    if (call.callback !== undefined) args.push(this.callback(made, call.callback));
    const { handler } = this;
    const self = { handler, 'another object': this.another, nothing: undefined }[call.self];
    this.arriving = { made, call };
    let returned: unknown;
    try {
      returned = Reflect.apply(handler[call.method], self, args);
    } catch (error) {
      made.seen.push(['threw', error]);
      return undefined;
    }
    if (!promise.isForeign(returned) && !types.isPromise(returned)) {
      made.seen.push(['returned', returned]);
      return undefined;
    }
    const same = promise.isForeign(returned) && returned === made.thenable;
    made.seen.push(['returned a promise', Object.getPrototypeOf(returned), same]);
    if (call.handled === 'at once') this.handle(made, returned);
    else if (call.handled === 'late')
      this.after(2, () => this.after(2, () => this.handle(made, returned)));
    return returned;
  }

  private handle({ settled }: MadeCall, returned: PromiseLike<unknown>): void {
    void returned.then(
      (value) => void settled.push(['resolved', value]),
      (error: unknown) => void settled.push(['rejected', error]),
    );
  }

  private callback(
    { id, seen }: MadeCall,
    { parameters, throws, calls }: NonNullable<Call['callback']>,
  ) {
    let times = 0;
    const answer = (self: unknown, args: unknown[]) => {
      seen.push(['called back', this.nameOf(self), ...args]);
      times++;
      for (const [index, call] of calls.entries())
        this.call(`${id}.callback${times}.${index}`, call);
      if (throws !== undefined) throw specimen(throws);
      return seen;
    };
    if (parameters === 0)
      return function (this: unknown, ...args: unknown[]) {
        return answer(this, args);
      };
    return function (this: unknown, _error: unknown, _result: unknown) {
      return answer(this, [...arguments]);
    };
  }

  /** The body of every method. */
  private body(self: unknown, args: unknown[]): unknown {
    const { arriving } = this;
    if (arriving === undefined) throw new Error('a method ran without a call');
    this.arriving = undefined;
    const { made, call } = arriving;
    const last = args.at(-1);
    // The callback may be another function than the caller's, as long as it does the same.
    made.seen.push([
      'entered',
      this.nameOf(self),
      args.length,
      ...args.slice(0, -1),
      typeof last === 'function' ? 'function' : last,
    ]);
    const nested = call.nested.map((each, index) => this.call(`${made.id}.${index}`, each));
    if (typeof last === 'function') {
      for (const { when, args: values } of call.firings) {
        this.schedule(when, () =>
          this.fire(made, last as () => unknown, values.map(specimen), when),
        );
      }
    }
    if (!call.waits || nested.length === 0)
      return this.finish(made, call, this.scenario.isAsync[call.method]);
    return Promise.allSettled(nested).then(() => this.finish(made, call, true));
  }

  private fire(made: MadeCall, callback: () => unknown, values: unknown[], when: When): void {
    made.events.push({ what: 'callback', value: values[0], result: values[1] });
    try {
      const given = Reflect.apply(callback, this.another, values) as unknown;
      made.seen.push(['callback gave', given === made.seen ? 'what the caller gave' : given]);
    } catch (error) {
      made.seen.push(['callback threw', error]);
      if (when !== 'sync') return;
      made.events.push({
        what: this.scenario.isAsync[made.method] ? 'reject' : 'throw',
        value: error,
      });
      throw error;
    }
  }

  private finish(made: MadeCall, { finish }: Call, inPromise: boolean): unknown {
    const { events } = made;
    const value = specimen(finish.value);
    if (finish.how === 'return') {
      events.push({ what: inPromise ? 'resolve' : 'return', value });
      return value;
    }
    if (finish.how === 'throw') {
      events.push({ what: inPromise ? 'reject' : 'throw', value });
      throw value;
    }
    const settle: Settle = (end) =>
      this.schedule(finish.when, () => {
        events.push({ what: finish.how, value });
        end(finish.how, value);
      });
    made.thenable = promise[finish.as](settle);
    return made.thenable;
  }

  private nameOf(self: unknown): unknown {
    if (self === this.receiver) return 'the handler';
    return self === this.another ? 'another object' : self;
  }

  private schedule(when: When, action: () => void): void {
    if (when === 'sync') action();
    else if (when === 'microtask') queueMicrotask(this.counted(action));
    else this.after(when, action);
  }

  private after(turns: 1 | 2, action: () => void): void {
    const counted = this.counted(action);
    setImmediate(turns === 1 ? counted : () => setImmediate(counted));
  }

  private counted(action: () => void): () => void {
    this.scheduled++;
    return () => {
      this.scheduled--;
      action();
    };
  }

  /** Resolves when nothing is scheduled and Node.js has reported all unhandled rejections. */
  private async quiet(): Promise<void> {
    do {
      // oxlint-disable-next-line no-await-in-loop -- one turn may schedule another
      await turn();
    } while (this.scheduled > 0);
    await turn();
  }
}

/** Resolves in the next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
