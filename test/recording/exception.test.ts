import { runInThisContext } from 'node:vm';

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
    ['a function', () => {}, 'Function'],
  ])('the type of %s is its class name, or else its own name or type', (_title, error, type) => {
    expect(exceptionType(error)).toBe(type);
  });
});

describe('exceptionType of errors whose class or name is not as usual', () => {
  const named = (name: unknown) => {
    const NamedError = class extends Error {};
    Object.defineProperty(NamedError, 'name', { value: name, configurable: true });
    return new NamedError('x');
  };
  const ofClass = (constructor: unknown) => Object.assign(new Error('x'), { constructor });

  test.each([
    ['a method', () => 'E'],
    ['an object', {}],
    ['an array', ['E']],
    ['a number', 5],
    ['null', null],
    ['undefined', undefined],
    ['a symbol', Symbol('E')],
    ['a String object', Object('E') as unknown],
    ['an empty string', ''],
  ])('a class whose name is %s has the type Error', (_title, name) => {
    expect(exceptionType(named(name))).toBe('Error');
  });

  test.each([
    ['an object', ofClass({ name: 'E' }), 'Object'],
    [
      'a proxy that answers 42 to everything',
      ofClass(new Proxy(class {}, { get: () => 42 })),
      'Error',
    ],
    [
      'a class whose name throws',
      ofClass(
        class {
          static get name(): string {
            throw new Error('a trap');
          }
        },
      ),
      'Error',
    ],
  ])('an error whose constructor is %s has a type that is not empty', (_title, error, type) => {
    expect(exceptionType(error)).toBe(type);
  });

  test('an abort and a timeout have the names that users know', () => {
    const controller = new AbortController();
    controller.abort();
    expect(exceptionType(controller.signal.reason)).toBe('AbortError');
    expect(exceptionType(new DOMException('x', 'TimeoutError'))).toBe('TimeoutError');
    expect(exceptionType(Object.defineProperty(new DOMException('x'), 'name', { value: 5 }))).toBe(
      'DOMException',
    );
  });

  test('a system error has its code as type, unless its class says more', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(exceptionType(refused)).toBe('ECONNREFUSED');
    expect(exceptionType(Object.assign(new Error('x'), { code: 'some text' }))).toBe('Error');
    expect(exceptionType(Object.assign(new Error('x'), { code: 5 }))).toBe('Error');
    expect(exceptionType(Object.assign(new RangeError('x'), { code: 'ERR_OUT_OF_RANGE' }))).toBe(
      'RangeError',
    );
    const ofNamelessClass = Object.assign(named(''), { code: 'ECONNREFUSED' });
    expect(exceptionType(ofNamelessClass)).toBe('ECONNREFUSED');
  });

  test.each(['AZ', 'ZA', 'A0', 'A9', 'A_'])('the code %s is the type of an error', (code) => {
    expect(exceptionType(Object.assign(new Error('x'), { code }))).toBe(code);
  });

  test.each(['E', '1A', '_A', 'A@', 'A[', 'A/', 'A:', 'A^', 'Aa'])(
    'a text unlike the code of a system error, %s, is not the type of an error',
    (code) => {
      expect(exceptionType(Object.assign(new Error('x'), { code }))).toBe('Error');
    },
  );

  test('a long name is cut to 256 characters and ends in an ellipsis', () => {
    const error = Object.assign(new Error('x'), { name: 'N'.repeat(1_000_000) });
    expect(exceptionType(error)).toBe(`${'N'.repeat(255)}…`);
    expect(exceptionType(Object.assign(new Error('x'), { name: 'N'.repeat(256) }))).toBe(
      'N'.repeat(256),
    );
  });
});

describe('classes that a minifier renamed', () => {
  /** Renames a class as minifiers do: the texts in it stay. */
  const minified = <C extends Function>(given: C): C =>
    Object.defineProperty(given, 'name', { value: 'nr', configurable: true });

  const RenamedOuch = minified(
    class extends Error {
      constructor() {
        super('');
        this.name = 'Ouch';
      }
      read(): void {}
      write(): void {}
    },
  );

  class RenamedApplicationException extends Error {
    type = INTERNAL_ERROR;
    read(): void {}
    write(): void {}
  }
  minified(RenamedApplicationException);

  test('a generated exception keeps the name that its constructor assigns', () => {
    expect(exceptionType(new RenamedOuch())).toBe('Ouch');
    expect(isThriftException(new RenamedOuch())).toBe(true);
  });

  test('a TApplicationException is recognized by its form', () => {
    expect(exceptionType(new RenamedApplicationException())).toBe('TApplicationException');
    expect(isThriftException(new RenamedApplicationException())).toBe(false);
  });

  test('an error of the program with a numeric type stays what it is', () => {
    const error = Object.assign(new Custom('x'), { type: 5 });
    expect(exceptionType(error)).toBe('Custom');
    expect(isThriftException(error)).toBe(false);
  });

  const method = (): void => {};
  const [read, write] = [Symbol.for('read'), Symbol.for('write')];

  test('a TApplicationException of Thrift 0.24 is recognized by its symbols', () => {
    const Renamed = minified(class extends Error {});
    Object.assign(Renamed.prototype, { [read]: method, [write]: method });
    const error = Object.assign(new Renamed('x'), { type: INTERNAL_ERROR });
    expect(exceptionType(error)).toBe('TApplicationException');
    expect(isThriftException(error)).toBe(false);
  });

  test.each([
    ['read', { read: method }],
    ['write', { write: method }],
    ['Symbol.for(read)', { [read]: method }],
    ['Symbol.for(write)', { [write]: method }],
  ])('an error with a numeric type that only has %s stays what it is', (_title, methods) => {
    const error = Object.assign(new Custom('x'), methods, { type: 5 });
    expect(exceptionType(error)).toBe('Custom');
    expect(isThriftException(error)).toBe(false);
  });

  test('a struct whose type is a text is an exception of the service', () => {
    const error = Object.assign(new Custom('x'), { read: method, write: method, type: 'late' });
    expect(exceptionType(error)).toBe('Custom');
    expect(isThriftException(error)).toBe(true);
  });

  test('an exception with a field called type keeps its name, whatever its number', () => {
    const error = Object.assign(new RenamedOuch(), { type: 5 });
    expect(exceptionType(error)).toBe('Ouch');
    expect(isThriftException(error)).toBe(true);
    const refused = Object.assign(new Refused('x'), { read: method, write: method, type: 5 });
    expect(exceptionType(refused)).toBe('Refused');
  });
});

test('the name of an anonymous class is the one that its constructor sets', () => {
  expect(exceptionClassName(Ouch)).toBe('Ouch');
  expect(exceptionClassName(Ouch)).toBe('Ouch');
  expect(exceptionClassName((() => class {})())).toBe('');
});

describe('the name that the constructor of an anonymous class assigns', () => {
  /** Creates an anonymous class whose source has exactly this text in its constructor. */
  const classOf = (body: string) =>
    runInThisContext(
      `(class extends Error { constructor(it_this) { super(); ${body} } })`,
    ) as object;

  test.each([
    ['this.name = "Right"', 'in double quotes'],
    ['this.name = `Right`', 'in backquotes'],
    ["this.name='Right'", 'without spaces'],
    ["it_this.name = 'Wrong'; this.name = 'Right'", 'not that of another variable'],
    ["log(this.name, 'Wrong'); this.name = 'Right'", 'not a text after another use'],
    ["this.name === 'Wrong'; this.name = 'Right'", 'not a text that is compared'],
    ["this.name = ''; this.name = 'Right'", 'not an empty text'],
    ["this.name = 'two words'; this.name = 'Right'", 'not a text with spaces'],
    ["const xWrongx = 'Wrong'; this.name = xWrongx; this.name = 'Right'", 'not a variable'],
  ])('the name of a class is the text that its constructor assigns in %j: %s', (body) => {
    expect(exceptionClassName(classOf(body))).toBe('Right');
  });

  test.each(['azAZ09_', 'N'.repeat(285)])(
    'a constructor can assign %s as the name of a class',
    (name) => {
      expect(exceptionClassName(classOf(`this.name = '${name}'`))).toBe(name);
    },
  );

  test.each(['@', '[', '/', ':', '^', '`', '{', ' '])(
    'a text with %j is not the name of a class',
    (character) => {
      expect(exceptionClassName(classOf(`this.name = 'A${character}B'`))).toBe('');
    },
  );
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
    ['undefined', undefined, false],
    ['an object without a prototype', Object.create(null), false],
    [
      'an object whose constructor is not a function',
      Object.create({ constructor: { name: 'TException' } }),
      false,
    ],
  ])('whether %s is a generated exception: %s', (_title, error, isException) => {
    expect(isThriftException(error)).toBe(isException);
  });
});
