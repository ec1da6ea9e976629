import { Thrift } from 'thrift';
import { describe, expect, test, vi } from 'vitest';

import {
  failureOfConnection,
  failureOfReply,
  failureOfRequest,
  failureWithoutReply,
} from '../../../src/thrift/client/client-failure';

const { INTERNAL_ERROR } = Thrift.TApplicationExceptionType;

class Refused extends Thrift.TException {}

type Read = typeof failureOfConnection;

/** The kind and type of the failure in an error that can be read. */
function failureIn(read: Read, error: unknown): string {
  const report = vi.fn<(site: string, fault: unknown) => void>();
  const { kind, type } = read(error, { report });
  expect(report).not.toHaveBeenCalled();
  return `${kind} ${type}`;
}

/** An error with these properties. */
const errorWith = (properties: object, message = 'x'): Error =>
  Object.assign(new Error(message), properties);

/** An error that wraps another one this many times. */
const wrapped = (error: unknown, times: number): unknown =>
  times === 0 ? error : new RangeError('wraps', { cause: wrapped(error, times - 1) });

describe('an error of a connection', () => {
  test.each([
    ['statusCode', { statusCode: 503 }],
    ['status', { status: 403 }],
    ['the statusCode of its response', { response: { statusCode: 502 } }],
    ['the status of its response', { response: { status: 429 } }],
    ['the lowest status', { status: 100 }],
    ['the highest status', { status: 599 }],
    ['a status and a code', { status: 503, code: 'ERR_BAD_RESPONSE' }],
  ])('an error of a connection with %s is an HTTP failure', (_title, properties) => {
    expect(failureIn(failureOfConnection, errorWith(properties))).toBe('transport THTTPException');
  });

  test.each([
    ['below', { status: 99 }],
    ['above', { statusCode: 600 }],
    ['as text', { status: '503' }],
    ['no response', { response: null }],
  ])(
    'an error with a number that is not a status (%s) is not an HTTP failure',
    (_title, properties) => {
      expect(failureIn(failureOfConnection, errorWith(properties))).toBe('transport Error');
    },
  );

  test.each([
    ['the code of a system error', { code: 'ETIMEDOUT' }],
    ['the code of a library', { code: 'ESOCKETTIMEDOUT' }],
    ['the code of undici', { code: 'UND_ERR_HEADERS_TIMEOUT' }],
    ['the name of an aborted signal', { name: 'TimeoutError' }],
    ['the name beside a code that is a number', { name: 'TimeoutError', code: 23 }],
    ['the type of a request', { type: 'request-timeout' }],
    ['the type of a body', { type: 'body-timeout' }],
  ])('an error of a connection with %s is a timeout', (_title, properties) => {
    expect(failureIn(failureOfConnection, errorWith(properties))).toBe('timeout ETIMEDOUT');
  });

  test.each(['timeout', 'Timeout of 5 ms', 'it timed out', 'it timed-out.', 'TIMEDOUT'])(
    'an error that says "%s" is a timeout',
    (message) => {
      expect(failureIn(failureOfConnection, new Error(message))).toBe('timeout ETIMEDOUT');
    },
  );

  test.each(['timeouts', 'sometimeout', 'time is out', 'x'])(
    'an error that says "%s" is not a timeout',
    (message) => {
      expect(failureIn(failureOfConnection, new Error(message))).toBe('transport Error');
    },
  );

  test('an error whose message is not a text is not a timeout', () => {
    const error = errorWith({ message: ['timeout'] });
    expect(failureIn(failureOfConnection, error)).toBe('transport Error');
  });

  test('an error whose message says that it is a timeout, with another code, is not one', () => {
    const error = errorWith({ code: 'ECONNRESET' }, 'timeout');
    expect(failureIn(failureOfConnection, error)).toBe('transport ECONNRESET');
  });

  test.each(['ECONNRESET', 'A', 'A_9', 'ETIMEDOUT_X', 'XETIMEDOUT', 'UND_TIMEOUT_X'])(
    'an error with the code %s has it as type',
    (code) => {
      expect(failureIn(failureOfConnection, errorWith({ code }))).toBe(`transport ${code}`);
    },
  );

  test.each(['econnreset', '1A', '_A', 'ECONN reset', ' ECONNRESET', ''])(
    'an error whose code is "%s", unlike any code, has its class as type',
    (code) => {
      const error = Object.assign(new RangeError('x'), { code });
      expect(failureIn(failureOfConnection, error)).toBe('transport RangeError');
    },
  );

  test('an error with a code that is not a text has its class as type', () => {
    const error = errorWith({ code: ['ECONNRESET'] });
    expect(failureIn(failureOfConnection, error)).toBe('transport Error');
  });

  test('an error with a code that is too long has the start of the code as type', () => {
    const failure = failureIn(failureOfConnection, errorWith({ code: 'E'.repeat(1_000) }));
    expect(failure).toBe(`transport ${'E'.repeat(255)}…`);
  });

  test.each([
    ['a string', 'lost', 'transport string'],
    ['undefined', undefined, 'transport undefined'],
    ['null', null, 'transport null'],
  ])('an error of a connection that is %s has that as type', (_title, error, failure) => {
    expect(failureIn(failureOfConnection, error)).toBe(failure);
  });
});

describe('an error of a connection that wraps another', () => {
  const refused = errorWith({ code: 'ECONNREFUSED' });

  test.each([0, 1, 2, 3, 4])(
    'an error that is wrapped %i times has the code of the innermost one',
    (times) => {
      expect(failureIn(failureOfConnection, wrapped(refused, times))).toBe(
        'transport ECONNREFUSED',
      );
    },
  );

  test('an error that wraps others too often has its own class as type', () => {
    expect(failureIn(failureOfConnection, wrapped(refused, 5))).toBe('transport RangeError');
  });

  test('an error after the last retry has the code of the last attempt', () => {
    expect(failureIn(failureOfConnection, errorWith({ payload: refused }))).toBe(
      'transport ECONNREFUSED',
    );
    expect(failureIn(failureOfConnection, errorWith({ payload: refused, cause: null }))).toBe(
      'transport ECONNREFUSED',
    );
  });

  test.each([
    ['cause', { cause: 'ECONNREFUSED' }],
    ['payload', { payload: 'ECONNREFUSED' }],
    ['payload that is null', { payload: null }],
  ])('an error does not wrap a %s that is not an object', (_title, properties) => {
    expect(failureIn(failureOfConnection, errorWith(properties, 'timeout'))).toBe(
      'timeout ETIMEDOUT',
    );
  });

  test('an error that wraps another is not a timeout because of its message alone', () => {
    const error = new Error('timeout', { cause: new TypeError('odd') });
    expect(failureIn(failureOfConnection, error)).toBe('transport Error');
  });
});

test.each([
  ['an exception of the service', new Refused('x'), 'declared Refused'],
  [
    'a TApplicationException',
    new Thrift.TApplicationException(INTERNAL_ERROR, 'x'),
    'application TApplicationException',
  ],
  ['another error', new RangeError('x'), 'application RangeError'],
  ['a text', 'add failed: unknown result', 'application TApplicationException'],
])('%s in a reply has the kind that the server gave it', (_title, error, failure) => {
  expect(failureIn(failureOfReply, error)).toBe(failure);
});

test.each([
  ['an exception of the service', new Refused('x'), 'declared Refused'],
  ['a text of generated code', 'add failed: unknown result', 'application TApplicationException'],
  ['another text', 'failed: unknown result of the driver', 'transport string'],
  ['an object that ends so', { endsWith: () => true }, 'transport Object'],
  ['a system error', errorWith({ code: 'EPIPE' }), 'transport EPIPE'],
])(
  '%s without a reply is of the connection, unless only replies cause it',
  (_title, error, failure) => {
    expect(failureIn(failureWithoutReply, error)).toBe(failure);
  },
);

test('an error before the request is written has kind application', () => {
  expect(failureIn(failureOfRequest, new Refused('x'))).toBe('application Refused');
  expect(failureIn(failureOfRequest, errorWith({ code: 'EPIPE' }))).toBe('application EPIPE');
});

test.each<[string, Read, string]>([
  ['in a reply', failureOfReply, 'application'],
  ['without a reply', failureWithoutReply, 'transport'],
  ['of a request', failureOfRequest, 'application'],
  ['of a connection', failureOfConnection, 'transport'],
])('an error %s that cannot be read is reported, and its type is unknown', (_title, read, kind) => {
  const fault = new Error('trap');
  const trap = (): never => {
    throw fault;
  };
  const error = new Proxy(new Error('x'), { get: trap, getPrototypeOf: trap });
  const report = vi.fn<(site: string, fault: unknown) => void>();
  expect(read(error, { report })).toEqual({ kind, type: '_unknown' });
  expect(report.mock.calls).toEqual([['client error', fault]]);
});
