import { hangs, refused, result } from './answers';
import { failedWith, SUCCEEDED, UNENDED } from './handler-counts';
import { Probed } from './probed';
import { testSideBySide } from './side-by-side';

// Generated code assumes promise style if the `length` of a method is the number of arguments in the IDL, and passes a
// callback otherwise. Instrumentation must not change what it does with a misleading length.

type Answer = (error: unknown, result?: unknown) => void;

testSideBySide([
  {
    title: 'an async method with rest parameters is never answered, because it gets a callback',
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
    title: 'an async method with a default value is never answered, because it gets a callback',
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
    title: 'an async method with rest parameters is answered if the IDL has no arguments',
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
    title:
      'a method in callback style with rest parameters is answered, because it gets a callback',
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
    title:
      'a method in callback style with rest parameters gets no callback if the IDL has no arguments',
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
    counts: failedWith('undeclared TypeError'),
  },
  {
    title: 'an async method with rest parameters is answered if its length matches the IDL',
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
    title:
      'a method in callback style with rest parameters is answered if its length includes the callback',
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
