import { result } from './answers';
import { SUCCEEDED } from './handler-counts';
import { Probed } from './probed';
import { testSideBySide, type Case } from './side-by-side';

const two: Pick<Case, 'seen' | 'counts'> = {
  seen: result(2),
  counts: SUCCEEDED,
};

testSideBySide([
  {
    ...two,
    title: 'an async method is answered with its result',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async divide(left: number, right: number) {
          ending();
          return left / right;
        }
      }
      return new Handler();
    },
  },
  {
    ...two,
    title: 'an async method that waits is answered with its result',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async divide(left: number, right: number) {
          await new Promise((resolve) => setImmediate(resolve));
          ending();
          return left / right;
        }
      }
      return new Handler();
    },
  },
  {
    ...two,
    title: 'a method that returns a plain value is answered with it',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        divide(left: number, right: number) {
          ending();
          return left / right;
        }
      }
      return new Handler();
    },
  },
  {
    ...two,
    title: 'a method that returns a promise is answered with its value',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        divide(left: number, right: number) {
          ending();
          return Promise.resolve(left / right);
        }
      }
      return new Handler();
    },
  },
  {
    ...two,
    title: 'a method that returns a custom thenable is answered with its value',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        divide(left: number, right: number) {
          ending();
          return { then: (fulfil: (value: number) => void) => fulfil(left / right) };
        }
      }
      return new Handler();
    },
  },
  {
    ...two,
    title: 'a method that returns a promise of Q is answered with its value',
    handler({ onClass, onMethod, ending }) {
      const Q = require('q') as (value: unknown) => PromiseLike<unknown>;
      @onClass
      class Handler extends Probed {
        @onMethod
        divide(left: number, right: number) {
          ending();
          return Q(left / right);
        }
      }
      return new Handler();
    },
  },
  {
    ...two,
    title: 'a method without arguments is answered with its result',
    method: 'count',
    args: () => [],
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async count() {
          ending();
          return 2;
        }
      }
      return new Handler();
    },
  },
  {
    title: 'an async void method is answered without a value',
    method: 'close',
    args: () => [],
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async close() {
          ending();
        }
      }
      return new Handler();
    },
    seen: result(undefined),
    counts: SUCCEEDED,
  },
  {
    ...two,
    title: 'a method with one argument is answered with its result',
    method: 'twice',
    args: () => [1],
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async twice(number: number) {
          ending();
          return 2 * number;
        }
      }
      return new Handler();
    },
  },
  {
    ...two,
    title: 'a method with three arguments is answered with its result',
    method: 'clamp',
    args: () => [5, 1, 2],
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        clamp(number: number, low: number, high: number) {
          ending();
          return Math.max(low, Math.min(number, high));
        }
      }
      return new Handler();
    },
  },
  {
    title: 'a struct and an enum reach the method, and the returned struct reaches the client',
    method: 'store',
    args: ({ Item, Genre }) => [new Item({ id: 7 }), Genre.POEM],
    handler({ onClass, onMethod, types: { Item, Genre }, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async store(item: object, genre: number) {
          ending();
          const title = `${item instanceof Item} ${Object.is(genre, Genre.POEM)}`;
          return new Item({ id: 8, title });
        }
      }
      return new Handler();
    },
    seen: result({ id: 8, title: 'true true' }),
    counts: SUCCEEDED,
  },
]);
