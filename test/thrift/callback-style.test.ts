import { application, hangsUp, refused, result } from './answers';
import { failedWith, SUCCEEDED } from './counts';
import { Probed } from './probed';
import { testSideBySide, type Case, type Material } from './side-by-side';

type Answer = (error: unknown, result?: unknown) => void;

/** A `divide` that does something with its callback. */
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
    title: 'a result is answered with it',
    handler: divide((answer, _, quotient) => answer(null, quotient)),
    seen: result(2),
    counts: SUCCEEDED,
  },
  {
    title: 'a result that comes later is answered with it',
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
    // Generated code takes an undefined error for success, and forgets the result over it.
    title: 'a result beside an undefined error is lost',
    handler: divide((answer, _, quotient) => answer(undefined, quotient)),
    seen: { answer: { error: { thrown: 'divide failed: unknown result' } } },
    counts: SUCCEEDED,
  },
  {
    title: 'a declared exception is answered with it',
    handler: divide((answer, { types: { Refused } }) => answer(new Refused({ why: 'no' }))),
    seen: refused,
    counts: failedWith('declared Refused'),
  },
  {
    title: 'an undeclared error is answered with its message',
    handler: divide((answer) => answer(new RangeError('too much'))),
    seen: application('too much'),
    counts: failedWith('undeclared RangeError'),
  },
  {
    title: 'a string as the error is answered without a message',
    handler: divide((answer) => answer('broken')),
    seen: application(undefined),
    counts: failedWith('undeclared string'),
  },
  {
    title: 'the number 0 as the error is an error',
    handler: divide((answer, _, quotient) => answer(0, quotient)),
    seen: application(undefined),
    counts: failedWith('undeclared number'),
  },
  {
    title: 'of two results the client gets the first',
    handler: divide((answer, _, quotient) => {
      answer(null, quotient);
      answer(null, 3);
    }),
    seen: result(2),
    counts: SUCCEEDED,
  },
  {
    title: 'of a result and an error the client gets the result',
    handler: divide((answer, _, quotient) => {
      answer(null, quotient);
      answer(new RangeError('too much'));
    }),
    seen: result(2),
    counts: SUCCEEDED,
  },
  {
    title: 'of an error and a result the client gets the error',
    handler: divide((answer, _, quotient) => {
      answer(new RangeError('too much'));
      answer(null, quotient);
    }),
    seen: application('too much'),
    counts: failedWith('undeclared RangeError'),
  },
  {
    title: 'what it throws closes the connection',
    handler: divide(() => {
      throw new RangeError('too much');
    }),
    seen: hangsUp({ class: 'RangeError', message: 'too much' }),
    counts: failedWith('undeclared RangeError'),
  },
  {
    title: 'a declared exception that it throws closes the connection',
    handler: divide((_, { types: { Refused } }) => {
      throw new Refused({ why: 'no' });
    }),
    seen: hangsUp({ class: 'Refused', why: 'no' }),
    counts: failedWith('declared Refused'),
  },
  {
    title:
      'what it throws after its result closes the connection, and changes nothing of the result',
    handler: divide((answer, _, quotient) => {
      answer(null, quotient);
      throw new RangeError('too much');
    }),
    seen: { ...hangsUp({ class: 'RangeError', message: 'too much' }), ...result(2) },
    counts: SUCCEEDED,
  },
  {
    title: 'a void method without arguments is answered with nothing',
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
    title: 'a method with three arguments is answered with its result',
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
