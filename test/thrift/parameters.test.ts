import { expect } from 'vitest';

import { application, hangs, hangsUp, refused, result } from './answers';
import { failedWith, SUCCEEDED, UNENDED } from './counts';
import { Probed } from './probed';
import { testSideBySide } from './side-by-side';

// Generated code takes a method for promise style if its `length` is the number of arguments in the IDL, and else gives it
// a callback. What it does about a length that misleads it is to stay what it is.

type Answer = (error: unknown, result?: unknown) => void;

const notCalledBack = { class: 'TypeError', message: expect.stringContaining('not a function') };

testSideBySide([
  {
    title: 'an async method with rest parameters is never answered, as it is given a callback',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async divide(...[left, right]: number[]) {
          ending();
          return left! / right!;
        }
      }
      return new Handler();
    },
    seen: hangs,
    counts: UNENDED,
  },
  {
    title: 'an async method with rest parameters that fails is never answered',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async divide(..._numbers: number[]) {
          ending();
          throw new RangeError('too much');
        }
      }
      return new Handler();
    },
    seen: { ...hangs, unhandled: [{ class: 'RangeError', message: 'too much' }] },
    counts: failedWith('undeclared RangeError'),
  },
  {
    title: 'an async method with a default value is never answered, as it is given a callback',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async divide(left: number, right = 1) {
          ending();
          return left / right;
        }
      }
      return new Handler();
    },
    seen: hangs,
    counts: UNENDED,
  },
  {
    title: 'a method with rest parameters that returns a plain value is never answered',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        divide(...[left, right]: number[]) {
          ending();
          return left! / right!;
        }
      }
      return new Handler();
    },
    seen: hangs,
    counts: UNENDED,
  },
  {
    title: 'an async method with rest parameters is answered where the IDL has no arguments',
    method: 'count',
    args: () => [],
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async count(...args: unknown[]) {
          ending();
          return args.length;
        }
      }
      return new Handler();
    },
    seen: result(0),
    counts: SUCCEEDED,
  },
  {
    title: 'rest parameters in callback style are answered, as they are given a callback',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        divide(...args: unknown[]) {
          const [left, right, answer] = args as [number, number, Answer];
          ending();
          answer(null, left / right);
        }
      }
      return new Handler();
    },
    seen: result(2),
    counts: SUCCEEDED,
  },
  {
    title: 'rest parameters in callback style fail for want of one where the IDL has no arguments',
    method: 'count',
    args: () => [],
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        count(...args: unknown[]) {
          const [answer] = args as [Answer];
          ending();
          answer(null, 2);
        }
      }
      return new Handler();
    },
    seen: { ES6: hangsUp(notCalledBack), ES5: application('answer is not a function') },
    counts: failedWith('undeclared TypeError'),
  },
  {
    title: 'rest parameters over an async method with the length of the IDL are answered',
    handler({ onClass, onMethod, ending }) {
      const ofTwo = (_method: unknown) =>
        Object.defineProperty(
          async (...[left, right]: number[]) => {
            ending();
            return left! / right!;
          },
          'length',
          { value: 2 },
        );
      @onClass
      class Handler extends Probed {
        @onMethod
        @ofTwo
        async divide(..._numbers: number[]): Promise<number> {
          return 0;
        }
      }
      return new Handler();
    },
    seen: result(2),
    counts: SUCCEEDED,
  },
  {
    title: 'rest parameters in callback style with the length of the callback style are answered',
    method: 'count',
    args: () => [],
    handler({ onClass, onMethod, types: { Refused }, ending }) {
      const ofOne = (_method: unknown) =>
        Object.defineProperty(
          (...args: unknown[]) => {
            ending();
            (args[0] as Answer)(new Refused({ why: 'no' }));
          },
          'length',
          { value: 1 },
        );
      @onClass
      class Handler extends Probed {
        @onMethod
        @ofOne
        count(..._args: unknown[]): void {}
      }
      return new Handler();
    },
    seen: refused,
    counts: failedWith('declared Refused'),
  },
]);
