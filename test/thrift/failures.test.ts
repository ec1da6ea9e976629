import { expect } from 'vitest';

import { application, hangs, hangsUp, refused } from './answers';
import { failedWith } from './counts';
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

const unreadable = /reading 'message'/;

testSideBySide([
  {
    title: 'a declared exception that is rejected is answered with it',
    handler: rejects(({ Refused }) => new Refused({ why: 'no' })),
    seen: refused,
    counts: failedWith('declared Refused'),
  },
  {
    title: 'a declared exception whose fields are called name and message is answered with them',
    handler: rejects(
      ({ Renamed, Detail }) => new Renamed({ name: 7, message: new Detail({ text: 'odd' }) }),
    ),
    seen: { answer: { error: { class: 'Renamed', name: 7, message: { text: 'odd' } } } },
    counts: failedWith('declared Renamed'),
  },
  {
    title: 'an undeclared error that is rejected is answered with its message',
    handler: rejects(() => new DivisionByZero('by 0')),
    seen: application('by 0'),
    counts: failedWith('undeclared DivisionByZero'),
  },
  {
    title:
      'an application exception of the handler is answered with its message, and is no declared one',
    handler: rejects(() => {
      const { TApplicationException, TApplicationExceptionType } = thrift.Thrift;
      return new TApplicationException(TApplicationExceptionType.INTERNAL_ERROR, 'by 0');
    }),
    seen: application('by 0'),
    counts: failedWith('undeclared TApplicationException'),
  },
  {
    title: 'a declared exception that a promise of Q is rejected with is answered with it',
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
    // Generated ES6 exceptions have their fields as the message, which then cannot be written as a string.
    title:
      'an exception that is declared elsewhere is not answered in ES6, and with its name in ES5',
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
    title: 'a string that is rejected is answered without a message',
    handler: rejects(() => 'broken'),
    seen: application(undefined),
    counts: failedWith('undeclared string'),
  },
  {
    title: 'undefined that is rejected is not answered',
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
    title: 'null that is rejected is not answered',
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
      'an undeclared error that is thrown closes the connection in ES6, and is answered in ES5',
    handler: throws(() => new DivisionByZero('by 0')),
    seen: { ES6: hangsUp({ class: 'DivisionByZero', message: 'by 0' }), ES5: application('by 0') },
    counts: failedWith('undeclared DivisionByZero'),
  },
  {
    title:
      'a declared exception that is thrown closes the connection in ES6, and is answered in ES5',
    handler: throws(({ Refused }) => new Refused({ why: 'no' })),
    seen: { ES6: hangsUp({ class: 'Refused', why: 'no' }), ES5: refused },
    counts: failedWith('declared Refused'),
  },
  {
    title: 'a string that is thrown closes the connection in ES6, and is answered in ES5',
    handler: throws(() => 'broken'),
    seen: { ES6: hangsUp({ thrown: 'broken' }), ES5: application(undefined) },
    counts: failedWith('undeclared string'),
  },
  {
    title: 'undefined that is thrown closes the connection in ES6, and is not answered in ES5',
    handler: throws(() => undefined),
    seen: {
      ES6: hangsUp({ class: 'TypeError', message: expect.stringMatching(unreadable) }),
      ES5: hangs,
    },
    counts: failedWith('undeclared undefined'),
  },
]);
