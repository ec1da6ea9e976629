import type { EventEmitter } from 'node:events';

/** What is told of every event. Must not throw. */
export interface EventObserver {
  before(event: unknown, first: unknown): void;
  /** `hasThrown` when a listener did, or when nobody listens to an error. */
  after(event: unknown, first: unknown, second: unknown, hasThrown: boolean): void;
}

type Emit = EventEmitter['emit'];

/**
 * Has an observer told of an emitter's events, by an `emit` of its own. Listeners would show, and some decide by being there:
 * whether an error ends the process, and whether Node.js answers a request that it cannot read.
 */
export function observeEvents(emitter: EventEmitter, observer: EventObserver): void {
  const own = Object.hasOwn(emitter, 'emit') ? ownEmit(emitter) : null;
  const observed: { emit(this: EventEmitter, event: unknown): boolean } = {
    emit(event) {
      const first: unknown = arguments[1];
      const second: unknown = arguments[2];
      observer.before(event, first);
      let hasThrown = true;
      // Not caught and thrown again: Node.js shows where an error was thrown last.
      try {
        // Others may replace it on the prototype later.
        const emit = own ?? ownEmit(Object.getPrototypeOf(emitter) as EventEmitter);
        const isHeard = Reflect.apply(emit, this, arguments);
        hasThrown = false;
        return isHeard;
      } finally {
        observer.after(event, first, second, hasThrown);
      }
    },
  };
  const property = Reflect.getOwnPropertyDescriptor(observed, 'emit');
  Object.defineProperty(emitter, 'emit', { ...property, enumerable: false });
}

// oxlint-disable-next-line typescript/unbound-method -- called with its receiver
const ownEmit = (holder: EventEmitter): Emit => holder.emit;
