import { Thrift } from 'thrift';
import { describe, expect, test } from 'vitest';

import {
  exceptionClassName,
  exceptionType,
  isThriftException,
} from '../../src/recording/exception';

const { INTERNAL_ERROR } = Thrift.TApplicationExceptionType;

class Custom extends Error {}
class Refused extends Thrift.TException {}
class RefusedAgain extends Refused {}

/** A class as the Thrift compiler generates it: anonymous, with its name in the constructor. */
const Ouch = (() =>
  class extends Thrift.TException {
    constructor(args: { name?: string } = {}) {
      super('');
      this.name = 'Ouch';
      if (args.name !== undefined) this.name = args.name;
    }
  })();

describe('exceptionType', () => {
  test.each([
    ['an Error', new Error('x'), 'Error'],
    ['a built-in subclass', new RangeError('x'), 'RangeError'],
    ['a subclass of the program', new Custom('x'), 'Custom'],
    [
      'a plain Error with a name of its own',
      Object.assign(new Error('x'), { name: 'Late' }),
      'Late',
    ],
    ['a plain Error with an empty name', Object.assign(new Error('x'), { name: '' }), 'Error'],
    ['a generated exception', new Ouch(), 'Ouch'],
    ['a generated exception with a field called name', new Ouch({ name: 'Bob' }), 'Ouch'],
    ['a string', 'x', 'string'],
    ['a number', 7, 'number'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('x'), 'symbol'],
    ['an object', { code: 1 }, 'Object'],
    ['an object without a prototype', Object.create(null), 'Object'],
  ])('the type of %s is its class name, or else its own name or type', (_title, error, type) => {
    expect(exceptionType(error)).toBe(type);
  });
});

test('the name of an anonymous class is the one that its constructor sets', () => {
  expect(exceptionClassName(Ouch)).toBe('Ouch');
  expect(exceptionClassName(Ouch)).toBe('Ouch');
  expect(exceptionClassName((() => class {})())).toBe('');
});

describe('isThriftException', () => {
  test.each([
    ['a TException', new Thrift.TException('x'), true],
    ['a subclass of TException', new RefusedAgain('x'), true],
    ['an exception of another copy of Thrift', new (class TException {})(), true],
    ['a TApplicationException', new Thrift.TApplicationException(INTERNAL_ERROR, 'x'), false],
    ['an Error', new Error('x'), false],
    ['a string', 'TException', false],
    ['null', null, false],
    ['an object without a prototype', Object.create(null), false],
  ])('%s: %s', (_title, error, isException) => {
    expect(isThriftException(error)).toBe(isException);
  });
});
