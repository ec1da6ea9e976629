import { application, hangsUp, refused, result } from './answers';
import { failedWith, SUCCEEDED } from './handler-counts';
import { Probed } from './probed';
import { testSideBySide, type Case, type Material } from './side-by-side';

type Answer = (error: unknown, result?: unknown) => void;

/** A handler whose `divide` passes its callback to `act`. */
function divide(
  act: (answer: Answer, material: Material, quotient: number) => void,
): Case['handler'] {
  return (material) => {
    const { onClass, onMethod, ending } = material;
    @onClass
    class Handler extends Probed {
      @onMethod
      divide(left: number, right: number, answer: Answer) {
        ending();
        act(answer, material, left / right);
      }
    }
    return new Handler();
  };
}

testSideBySide([
  {
    title: 'a result that is called back is the answer',
    handler: divide((answer, _, quotient) => answer(null, quotient)),
    seen: result(2),
    counts: SUCCEEDED,
  },
  {
    title: 'a result that is called back later is the answer',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        divide(left: number, right: number, answer: Answer) {
          setImmediate(() => {
            ending();
            answer(null, left / right);
          });
        }
      }
      return new Handler();
    },
    seen: result(2),
    counts: SUCCEEDED,
  },
  {
    // Generated code treats an undefined error as success, but loses the result.
    title: 'a result that is called back with an undefined error is lost',
    handler: divide((answer, _, quotient) => answer(undefined, quotient)),
    seen: { answer: { error: { thrown: 'divide failed: unknown result' } } },
    counts: SUCCEEDED,
  },
  {
    title: 'an error whose class has a method called name is the answer when it is called back',
    handler: divide((answer) => {
      const Misnamed = Object.defineProperty(class extends Error {}, 'name', { value: () => '' });
      answer(new Misnamed('by 0'));
    }),
    seen: application('by 0'),
    counts: failedWith('undeclared Error'),
  },
  {
    title: 'a declared exception that is called back is the answer',
    handler: divide((answer, { types: { Refused } }) => answer(new Refused({ why: 'no' }))),
    seen: refused,
    counts: failedWith('declared Refused'),
  },
  {
    title: 'an undeclared error that is called back is answered with its message',
    handler: divide((answer) => answer(new RangeError('too much'))),
    seen: application('too much'),
    counts: failedWith('undeclared RangeError'),
  },
  {
    title: 'a string that is called back as the error is answered without a message',
    handler: divide((answer) => answer('broken')),
    seen: application(undefined),
    counts: failedWith('undeclared string'),
  },
  {
    title: 'the number 0 that is called back as the error is an error',
    handler: divide((answer, _, quotient) => answer(0, quotient)),
    seen: application(undefined),
    counts: failedWith('undeclared number'),
  },
  {
    title: 'of two results that are called back, the client gets the first',
    handler: divide((answer, _, quotient) => {
      answer(null, quotient);
      answer(null, 3);
    }),
    seen: result(2),
    counts: SUCCEEDED,
  },
  {
    title: 'of a result and a later error, the client gets the result',
    handler: divide((answer, _, quotient) => {
      answer(null, quotient);
      answer(new RangeError('too much'));
    }),
    seen: result(2),
    counts: SUCCEEDED,
  },
  {
    title: 'of an error and a later result, the client gets the error',
    handler: divide((answer, _, quotient) => {
      answer(new RangeError('too much'));
      answer(null, quotient);
    }),
    seen: application('too much'),
    counts: failedWith('undeclared RangeError'),
  },
  {
    title: 'an error that a method in callback style throws closes the connection',
    handler: divide(() => {
      throw new RangeError('too much');
    }),
    seen: hangsUp({ class: 'RangeError', message: 'too much' }),
    counts: failedWith('undeclared RangeError'),
  },
  {
    title: 'a declared exception that a method in callback style throws closes the connection',
    handler: divide((_, { types: { Refused } }) => {
      throw new Refused({ why: 'no' });
    }),
    seen: hangsUp({ class: 'Refused', why: 'no' }),
    counts: failedWith('declared Refused'),
  },
  {
    title:
      'an error that is thrown after the result is called back closes the connection and keeps the result',
    handler: divide((answer, _, quotient) => {
      answer(null, quotient);
      throw new RangeError('too much');
    }),
    seen: { ...hangsUp({ class: 'RangeError', message: 'too much' }), ...result(2) },
    counts: SUCCEEDED,
  },
  {
    title: 'a void method in callback style is answered without a value',
    method: 'close',
    args: () => [],
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        close(answer: Answer) {
          ending();
          answer(null);
        }
      }
      return new Handler();
    },
    seen: result(undefined),
    counts: SUCCEEDED,
  },
  {
    title: 'a method in callback style with three arguments is answered with its result',
    method: 'clamp',
    args: () => [5, 1, 2],
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        clamp(number: number, low: number, high: number, answer: Answer) {
          ending();
          answer(null, Math.max(low, Math.min(number, high)));
        }
      }
      return new Handler();
    },
    seen: result(2),
    counts: SUCCEEDED,
  },
]);
