import { application, refused } from './answers';
import { failedWith } from './handler-counts';
import { thrift } from '../support/start-thrift';
import { Probed } from './probed';
import { testSideBySide, type Case, type Material } from './side-by-side';

type MakeError = (types: Material['types']) => unknown;

function throws(make: MakeError): Case['handler'] {
  return ({ onClass, onMethod, types, ending }) => {
    @onClass
    class Handler extends Probed {
      @onMethod
      divide(_left: number, _right: number) {
        ending();
        throw make(types);
      }
    }
    return new Handler();
  };
}

function rejects(make: MakeError): Case['handler'] {
  return ({ onClass, onMethod, types, ending }) => {
    @onClass
    class Handler extends Probed {
      @onMethod
      async divide(_left: number, _right: number) {
        ending();
        throw make(types);
      }
    }
    return new Handler();
  };
}

class DivisionByZero extends Error {}

/** An error whose class has a method in place of its name. */
class Misnamed extends Error {
  // @ts-expect-error -- TypeScript refuses it, JavaScript does not
  static name(): string {
    return 'Misnamed';
  }
}

testSideBySide([
  {
    title: 'rejecting with a declared exception answers with it',
    handler: rejects(({ Refused }) => new Refused({ why: 'no' })),
    seen: refused,
    counts: failedWith('declared Refused'),
  },
  {
    title:
      'rejecting with a declared exception that has fields called name and message answers with them',
    handler: rejects(
      ({ Renamed, Detail }) => new Renamed({ name: 7, message: new Detail({ text: 'odd' }) }),
    ),
    seen: { answer: { error: { class: 'Renamed', name: 7, message: { text: 'odd' } } } },
    counts: failedWith('declared Renamed'),
  },
  {
    title: 'rejecting with an undeclared error answers with its message',
    handler: rejects(() => new DivisionByZero('by 0')),
    seen: application('by 0'),
    counts: failedWith('undeclared DivisionByZero'),
  },
  {
    title:
      'rejecting with an application exception answers with its message and counts as undeclared',
    handler: rejects(() => {
      const { TApplicationException, TApplicationExceptionType } = thrift.Thrift;
      return new TApplicationException(TApplicationExceptionType.INTERNAL_ERROR, 'by 0');
    }),
    seen: application('by 0'),
    counts: failedWith('undeclared TApplicationException'),
  },
  {
    title: 'rejecting a promise of Q with a declared exception answers with it',
    handler: ({ onClass, onMethod, types: { Refused }, ending }) => {
      const Q = require('q') as { reject(error: unknown): PromiseLike<unknown> };
      @onClass
      class Handler extends Probed {
        @onMethod
        divide(_left: number, _right: number) {
          ending();
          return Q.reject(new Refused({ why: 'no' }));
        }
      }
      return new Handler();
    },
    seen: refused,
    counts: failedWith('declared Refused'),
  },
  {
    title: 'rejecting with an exception that no method declares counts as declared',
    handler: rejects(({ Stray }) => new Stray({ why: 'lost' })),
    counts: failedWith('declared Stray'),
  },
  {
    title: 'rejecting with an error whose class has a method called name answers with its message',
    handler: rejects(() => new Misnamed('by 0')),
    seen: application('by 0'),
    counts: failedWith('undeclared Error'),
  },
  {
    title: 'rejecting with a string answers without a message',
    handler: rejects(() => 'broken'),
    seen: application(undefined),
    counts: failedWith('undeclared string'),
  },
  {
    title: 'rejecting with undefined counts as undeclared',
    handler: rejects(() => undefined),
    counts: failedWith('undeclared undefined'),
  },
  {
    title: 'rejecting with null counts as undeclared',
    handler: rejects(() => null),
    counts: failedWith('undeclared null'),
  },
  {
    title: 'throwing an error whose class has a method called name counts as undeclared',
    handler: throws(() => new Misnamed('by 0')),
    counts: failedWith('undeclared Error'),
  },
  {
    title: 'throwing an undeclared error counts as undeclared',
    handler: throws(() => new DivisionByZero('by 0')),
    counts: failedWith('undeclared DivisionByZero'),
  },
  {
    title: 'throwing a declared exception counts as declared',
    handler: throws(({ Refused }) => new Refused({ why: 'no' })),
    counts: failedWith('declared Refused'),
  },
  {
    title: 'throwing a string counts as undeclared',
    handler: throws(() => 'broken'),
    counts: failedWith('undeclared string'),
  },
  {
    title: 'throwing undefined counts as undeclared',
    handler: throws(() => undefined),
    counts: failedWith('undeclared undefined'),
  },
]);
