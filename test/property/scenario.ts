import * as fc from 'fast-check';

import { specimenNames, unreadable, type SpecimenName } from './specimens';

/** When something happens after the call came: at once, in a microtask, or after that many turns of setImmediate. */
export type When = 'sync' | 'microtask' | 1 | 2;

/** `thenable`: of another promise library; `bare`: the least that has a `then`, which also answers twice. */
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
  /** Undefined: no callback is given after the arguments. */
  callback: { parameters: 0 | 2; throws: SpecimenName | undefined; calls: Call[] } | undefined;
  /** What the method does with the function that is its last argument, if there is one. */
  firings: Firing[];
  /** Calls that the method makes on its own service before it finishes. */
  nested: Call[];
  /** Whether it waits for those. */
  waits: boolean;
  finish: Finish;
  /** What the caller does with a promise or thenable. */
  handled: 'at once' | 'late' | 'never';
}

export interface Scenario {
  arity: { first: number; second: number };
  /** Which methods are `async` functions. */
  isAsync: { first: boolean; second: boolean };
  calls: Call[];
  /** All calls start together, or each when the one before it has ended. */
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
    // Error-first, as nearly every caller does it.
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

/** Takes out what has no one right answer, so that two runs may be compared in everything that is left. */
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
    // Whether a rejection or a callback of the same turn is first is nobody's to say.
    firings: original.firings.map((each) =>
      each.when === 'microtask' &&
      (finish.how === 'reject' || (finish.how === 'throw' && inPromise))
        ? { ...each, when: 'sync' }
        : each,
    ),
    // A promise resolved with it would be rejected with an error of its own each time.
    finish:
      finish.how === 'return' && inPromise && unreadable.includes(finish.value)
        ? { ...finish, value: 'object' }
        : finish,
    // When a foreign thenable has settled is only to be known by taking it up, which may start what it stands for; that
    // is the caller's to do.
    handled: promisesForeign(finish) ? 'at once' : original.handled,
  };
}

/** A class in the place of the callback would throw an error of its own each time it is called. */
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
