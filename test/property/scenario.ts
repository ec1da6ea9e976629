import * as fc from 'fast-check';

import { specimenNames, unreadable, type SpecimenName } from './specimens';

/** When something happens after the call arrives: synchronously, in a microtask, or after n turns of setImmediate. */
export type When = 'sync' | 'microtask' | 1 | 2;

/** `thenable` is from a third-party promise library; `bare` has nothing but a `then`, which also answers twice. */
type Promised = 'native' | 'subclass' | 'thenable' | 'bare';

type Finish =
  | { how: 'return'; value: SpecimenName }
  | { how: 'throw'; value: SpecimenName }
  | { how: 'resolve'; as: Promised; value: SpecimenName; when: When }
  | { how: 'reject'; as: Promised; value: SpecimenName; when: When };

interface Firing {
  args: SpecimenName[];
  when: When;
}

export interface Call {
  method: 'first' | 'second';
  self: 'handler' | 'another object' | 'nothing';
  args: SpecimenName[];
  /** Undefined if no callback follows the arguments. */
  callback: { parameters: 0 | 2; throws: SpecimenName | undefined; calls: Call[] } | undefined;
  /** How the method calls its last argument, if that is a function. */
  firings: Firing[];
  /** Calls that the method makes on its own service before it finishes. */
  nested: Call[];
  /** Whether the method waits for the nested calls. */
  waits: boolean;
  finish: Finish;
  /** When the caller handles a promise or thenable. */
  handled: 'at once' | 'late' | 'never';
}

export interface Scenario {
  arity: { first: number; second: number };
  /** Which methods are `async` functions. */
  isAsync: { first: boolean; second: boolean };
  calls: Call[];
  /** Whether all calls start together; otherwise each starts when the previous one has ended. */
  together: boolean;
}

const name = fc.constantFrom(...specimenNames);
const readable = fc.constantFrom(...specimenNames.filter((each) => !unreadable.includes(each)));
const anyTime = fc.constantFrom<When>('sync', 'microtask', 1, 2);
const as = fc.constantFrom<Promised>('native', 'subclass', 'thenable', 'bare');

const anyFinish: fc.Arbitrary<Finish> = fc.oneof(
  fc.record({ how: fc.constant('return' as const), value: name }),
  fc.record({ how: fc.constant('throw' as const), value: name }),
  fc.record({ how: fc.constant('resolve' as const), as, value: readable, when: anyTime }),
  fc.record({ how: fc.constant('reject' as const), as, value: name, when: anyTime }),
);

const firing = fc.record({
  args: fc.oneof(
    // Error-first, the usual convention.
    fc.tuple(
      fc.constantFrom<SpecimenName>('null', 'undefined', 'Error', 'generated exception'),
      name,
    ),
    fc.array(name, { maxLength: 3 }),
  ),
  when: anyTime,
});

const { call } = fc.letrec<{ call: Call; calls: Call[] }>((tie) => ({
  calls: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'calls' },
    fc.constant<Call[]>([]),
    fc.array(tie('call'), { maxLength: 2, depthIdentifier: 'calls' }),
  ),
  call: fc.record({
    method: fc.constantFrom('first' as const, 'second' as const),
    self: fc.constantFrom(
      'handler' as const,
      'handler' as const,
      'another object' as const,
      'nothing' as const,
    ),
    args: fc.array(name, { maxLength: 6 }),
    callback: fc.option(
      fc.record({
        parameters: fc.constantFrom(0 as const, 2 as const),
        throws: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, name),
        calls: tie('calls'),
      }),
      { nil: undefined, freq: 2 },
    ),
    firings: fc.array(firing, { maxLength: 3 }),
    nested: tie('calls'),
    waits: fc.boolean(),
    finish: anyFinish,
    handled: fc.constantFrom('at once' as const, 'late' as const, 'never' as const),
  }),
}));

const perMethod = <T>(each: fc.Arbitrary<T>) => fc.record({ first: each, second: each });

export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    arity: perMethod(fc.integer({ min: 0, max: 4 })),
    isAsync: perMethod(fc.boolean()),
    calls: fc.array(call, { minLength: 1, maxLength: 4 }),
    together: fc.boolean(),
  })
  .map(({ arity, isAsync, calls, together }) => ({
    arity,
    isAsync,
    calls: calls.map((each) => decidable(each, isAsync)),
    together,
  }));

/** Removes what has more than one right outcome, so that two runs can be compared in full. */
function decidable(original: Call, isAsync: Scenario['isAsync']): Call {
  const nested = original.nested.map((each) => decidable(each, isAsync));
  const { finish } = original;
  const inPromise = isAsync[original.method] || (original.waits && nested.length > 0);
  return {
    ...original,
    nested,
    args: withoutFinalClass(original),
    callback: original.callback && {
      ...original.callback,
      calls: original.callback.calls.map((each) => decidable(each, isAsync)),
    },
    // The order of a rejection and a callback in the same turn is undefined.
    firings: original.firings.map((each) =>
      each.when === 'microtask' &&
      (finish.how === 'reject' || (finish.how === 'throw' && inPromise))
        ? { ...each, when: 'sync' }
        : each,
    ),
    // A promise resolved with such a value is rejected with a new error each time.
    finish:
      finish.how === 'return' && inPromise && unreadable.includes(finish.value)
        ? { ...finish, value: 'object' }
        : finish,
    // Only calling `then` shows when a third-party thenable settles. That may start its work, so the caller has to do
    // it.
    handled: promisesForeign(finish) ? 'at once' : original.handled,
  };
}

/** Avoids a class in the position of the callback, which throws a new error each time it is called. */
function withoutFinalClass({ args, callback }: Call): SpecimenName[] {
  if (callback !== undefined || args.at(-1) !== 'class') return args;
  return [...args.slice(0, -1), 'arrow'];
}

function promisesForeign(finish: Finish): boolean {
  return (
    (finish.how === 'resolve' || finish.how === 'reject') &&
    (finish.as === 'thenable' || finish.as === 'bare')
  );
}
