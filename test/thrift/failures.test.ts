import { expect } from 'vitest';

import { application, hangs, hangsUp, refused } from './answers';
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

const unreadable = /reading 'message'/;

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
    // The message of a generated ES6 exception is an object of its fields, which cannot be written as a string.
    title:
      'rejecting with an exception that no method declares is not answered in ES6, and answers with its name in ES5',
    handler: rejects(({ Stray }) => new Stray({ why: 'lost' })),
    seen: {
      ES6: {
        ...hangs,
        unhandled: [{ class: 'Error', message: expect.stringContaining('String') }],
      },
      ES5: application('Stray'),
    },
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
    title: 'rejecting with undefined is not answered',
    handler: rejects(() => undefined),
    seen: {
      ES6: {
        ...hangs,
        unhandled: [{ class: 'TypeError', message: expect.stringMatching(unreadable) }],
      },
      ES5: hangs,
    },
    counts: failedWith('undeclared undefined'),
  },
  {
    title: 'rejecting with null is not answered',
    handler: rejects(() => null),
    seen: {
      ES6: {
        ...hangs,
        unhandled: [{ class: 'TypeError', message: expect.stringMatching(unreadable) }],
      },
      ES5: hangs,
    },
    counts: failedWith('undeclared null'),
  },
  {
    title:
      'throwing an error whose class has a method called name closes the connection in ES6, and is answered in ES5',
    handler: throws(() => new Misnamed('by 0')),
    seen: {
      ES6: hangsUp({ class: expect.anything(), message: 'by 0' }),
      ES5: application('by 0'),
    },
    counts: failedWith('undeclared Error'),
  },
  {
    title: 'throwing an undeclared error closes the connection in ES6, and is answered in ES5',
    handler: throws(() => new DivisionByZero('by 0')),
    seen: { ES6: hangsUp({ class: 'DivisionByZero', message: 'by 0' }), ES5: application('by 0') },
    counts: failedWith('undeclared DivisionByZero'),
  },
  {
    title: 'throwing a declared exception closes the connection in ES6, and is answered in ES5',
    handler: throws(({ Refused }) => new Refused({ why: 'no' })),
    seen: { ES6: hangsUp({ class: 'Refused', why: 'no' }), ES5: refused },
    counts: failedWith('declared Refused'),
  },
  {
    title: 'throwing a string closes the connection in ES6, and is answered in ES5',
    handler: throws(() => 'broken'),
    seen: { ES6: hangsUp({ thrown: 'broken' }), ES5: application(undefined) },
    counts: failedWith('undeclared string'),
  },
  {
    title: 'throwing undefined closes the connection in ES6, and is not answered in ES5',
    handler: throws(() => undefined),
    seen: {
      ES6: hangsUp({ class: 'TypeError', message: expect.stringMatching(unreadable) }),
      ES5: hangs,
    },
    counts: failedWith('undeclared undefined'),
  },
]);
