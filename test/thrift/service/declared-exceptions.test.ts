import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import {
  ErrorsCounted,
  Instrumented,
  instrumentHandler,
  instrumentService,
  resetMetrics,
  ThriftService,
} from '../../../src/index';
import { errorsOf } from '../handler-counts';
import { loadEs6, loadOutputs } from '../generated';
import { startLibrary } from '../start-library';
import { EXCEPTION, REPLY } from './wire';

type Processor = new (handler: object) => object;

beforeEach(resetMetrics);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const { Refused, Renamed, Stray, Missing, Detail } = generated.types;
  const { style } = generated;
  const instrumented = { ...generated, service: instrumentService(generated.service) };
  const { Processor } = instrumented.service as unknown as { Processor: Processor };
  const renamed = () => new Renamed({ name: 1, message: new Detail({ text: 'odd' }) });
  class SubclassOfRefused extends Refused {}

  const thrown: Record<number, () => unknown> = {
    1: () => new Refused({ why: 'no' }),
    2: renamed,
    3: () => new Stray({ why: 'no' }),
    4: () => new RangeError('much'),
    5: () => new SubclassOfRefused({ why: 'no' }),
    6: () => 'text',
    7: () => new Missing({ id: 1 }),
    8: () => null,
    9: () => undefined,
    10: () => Object.create(null) as unknown,
  };

  describe('a decorated handler without a list of exceptions', () => {
    const service = `Without${style}`;

    @ThriftService(service)
    class Handler {
      @ErrorsCounted
      async divide(left: number, _right: number) {
        throw thrown[left]!();
      }

      @ErrorsCounted
      async find(id: number) {
        throw thrown[id]!();
      }

      @ErrorsCounted
      note(text: string) {
        throw thrown[Number(text)]!();
      }
    }

    test('the exceptions of the IDL have series at 0 once the processor is constructed', async () => {
      const handler = new Handler();
      expect(await errorsOf('divide', service)).toEqual({ 'undeclared Error': 0 });

      new Processor(handler);

      expect(await errorsOf('divide', service)).toEqual({
        'declared Refused': 0,
        'declared Renamed': 0,
        'undeclared Error': 0,
      });
      expect(await errorsOf('find', service)).toEqual({
        'declared Missing': 0,
        'undeclared Error': 0,
      });
      expect(await errorsOf('note', service)).toEqual({ 'undeclared Error': 0 });
    });

    test('an error that the generated code answers with a REPLY is declared, and any other is not', async () => {
      const handler = new Handler();
      new Processor(handler);

      for (const left of Object.keys(thrown)) {
        await handler.divide(Number(left), 1).catch(() => {});
        await handler.divide(Number(left), 1).catch(() => {});
      }
      await handler.find(7).catch(() => {});
      await handler.find(1).catch(() => {});

      expect(await errorsOf('divide', service)).toEqual({
        'declared Refused': 2,
        'declared Renamed': 2,
        'undeclared Error': 0,
        'undeclared Stray': 2,
        'undeclared RangeError': 2,
        'declared SubclassOfRefused': 2,
        'undeclared string': 2,
        'undeclared Missing': 2,
        'undeclared null': 2,
        'undeclared undefined': 2,
        'undeclared Object': 2,
      });
      expect(await errorsOf('find', service)).toEqual({
        'declared Missing': 1,
        'undeclared Error': 0,
        'undeclared Refused': 1,
      });
    });

    test('the errors that a client receives are counted as declared or undeclared', async () => {
      const call = await startLibrary(instrumented, new Handler());

      await expect(call('divide', 1, 1)).rejects.toBeInstanceOf(Refused);
      await expect(call('divide', 4, 1)).rejects.toMatchObject({ message: 'much' });

      expect(await errorsOf('divide', service)).toMatchObject({
        'declared Refused': 1,
        'undeclared RangeError': 1,
      });
    });

    test('a oneway method has no declared exceptions', async () => {
      expect(() => new Handler().note('1')).toThrow(Refused);

      expect(await errorsOf('note', service)).toEqual({
        'undeclared Error': 0,
        'undeclared Refused': 1,
      });
    });
  });

  test('a list of exceptions overrides the IDL', async () => {
    const service = `List${style}`;
    @ThriftService(service)
    class Handler {
      @ErrorsCounted({ exceptions: [Stray] })
      async divide(left: number, _right: number) {
        throw thrown[left]!();
      }
    }
    const handler = new Handler();
    new Processor(handler);

    await handler.divide(1, 1).catch(() => {});
    await handler.divide(3, 1).catch(() => {});

    expect(await errorsOf('divide', service)).toEqual({
      'declared Stray': 1,
      'undeclared Error': 0,
      'undeclared Refused': 1,
    });
  });

  test('calls in flight when the processor is constructed are still counted', async () => {
    const service = `InFlight${style}`;
    @Instrumented({ service })
    class Handler {
      async divide(_left: number, _right: number): Promise<number> {
        throw new Stray({ why: 'no' });
      }
    }
    const handler = new Handler();
    const pending = handler.divide(1, 1).catch(() => {});

    new Processor(handler);
    await pending;

    expect(await errorsOf('divide', service)).toMatchObject({ 'undeclared Stray': 1 });
  });

  test('the exceptions of the IDL also apply to a plain object in callback style', async () => {
    const service = `Plain${style}`;
    const handler = instrumentHandler(
      {
        divide(left: number, _right: number, answer: (error: unknown) => void) {
          answer(thrown[left]!());
        },
      },
      { service },
    );
    new Processor(handler);

    handler.divide(2, 1, () => {});
    handler.divide(3, 1, () => {});

    expect(await errorsOf('divide', service)).toEqual({
      'declared Refused': 0,
      'declared Renamed': 1,
      'undeclared Error': 0,
      'undeclared Stray': 1,
    });
  });

  test('counting an error does not read its message', async () => {
    const service = `Untouched${style}`;
    const asked: PropertyKey[] = [];
    class Touchy extends Error {
      override get message(): string {
        asked.push('message');
        return 'touched';
      }
    }
    @ThriftService(service)
    class Handler {
      @ErrorsCounted
      async divide(_left: number, _right: number): Promise<number> {
        throw new Touchy();
      }
    }
    const handler = new Handler();
    new Processor(handler);
    const before = asked.length;

    await handler.divide(1, 1).catch(() => {});

    expect(asked).toHaveLength(before);
    expect(await errorsOf('divide', service)).toMatchObject({ 'undeclared Touchy': 1 });
  });

  test('the generated code is asked once about each class of errors', async () => {
    const service = `Asked${style}`;
    let asked = 0;
    Object.defineProperty(Refused, Symbol.hasInstance, {
      configurable: true,
      value(this: Function, error: unknown) {
        asked++;
        return Function.prototype[Symbol.hasInstance].call(this, error);
      },
    });
    onTestFinished(() => void Reflect.deleteProperty(Refused, Symbol.hasInstance));
    @ThriftService(service)
    class Handler {
      @ErrorsCounted
      async divide(left: number, _right: number) {
        throw thrown[left]!();
      }
    }
    const handler = new Handler();
    new Processor(handler);

    await handler.divide(4, 1).catch(() => {});
    const first = asked;
    expect(first).toBeGreaterThan(0);
    await handler.divide(4, 1).catch(() => {});
    expect(asked).toBe(first);
    await handler.divide(3, 1).catch(() => {});
    expect(asked).toBe(2 * first);
  });

  test('an error that the generated code takes for an exception of the IDL is declared', async () => {
    const service = `Taken${style}`;
    class Lookalike extends Error {}
    Object.defineProperty(Refused, Symbol.hasInstance, {
      configurable: true,
      value: (error: unknown) => Object.getPrototypeOf(error) === Lookalike.prototype,
    });
    onTestFinished(() => void Reflect.deleteProperty(Refused, Symbol.hasInstance));
    @ThriftService(service)
    class Handler {
      @ErrorsCounted
      async divide(_left: number, _right: number): Promise<number> {
        throw new Lookalike();
      }
    }
    const handler = new Handler();
    new Processor(handler);

    await handler.divide(1, 1).catch(() => {});

    expect(await errorsOf('divide', service)).toMatchObject({ 'declared Lookalike': 1 });
  });

  test('an exception of another method is not declared for a method without arguments', async () => {
    const service = `Count${style}`;
    @ThriftService(service)
    class Handler {
      @ErrorsCounted
      async count(): Promise<number> {
        throw new Stray({ why: 'no' });
      }
    }
    const handler = new Handler();
    new Processor(handler);

    await handler.count().catch(() => {});

    expect(await errorsOf('count', service)).toMatchObject({ 'undeclared Stray': 1 });
  });

  test('a handler of two services keeps the exceptions of the one that it serves first', async () => {
    const service = `Both${style}`;
    class OtherProcessor {
      constructor(readonly _handler: object) {}

      process(input: { readMessageBegin(): { fname: string } }): void {
        const { fname } = input.readMessageBegin();
        if (fname === 'divide') this.process_divide(1, { readMessageEnd() {} }, {} as never);
      }

      process_divide(
        seqid: number,
        input: { readMessageEnd(): void },
        output: { writeMessageBegin(name: string, type: number, seqid: number): void },
      ): void {
        input.readMessageEnd();
        const { divide } = this._handler as {
          divide: (answer: (error: unknown) => void) => void;
        };
        divide((error) =>
          output.writeMessageBegin('divide', error instanceof Stray ? REPLY : EXCEPTION, seqid),
        );
      }
    }
    const Other = instrumentService({ Processor: OtherProcessor }).Processor;
    @ThriftService(service)
    class Handler {
      @ErrorsCounted
      async divide(left: number, _right: number) {
        throw thrown[left]!();
      }
    }
    const [ofLibrary, ofOther] = [new Handler(), new Handler()];
    new Processor(ofLibrary);
    new Other(ofOther);

    await ofOther.divide(1, 1).catch(() => {});
    await ofOther.divide(3, 1).catch(() => {});

    expect(await errorsOf('divide', service)).toMatchObject({
      'declared Refused': 1,
      'undeclared Stray': 1,
    });
  });

  test('without an instrumented service, the class of an error decides whether it is declared', async () => {
    const service = `Bare${style}`;
    @ThriftService(service)
    class Handler {
      @ErrorsCounted
      async divide(left: number, _right: number) {
        throw thrown[left]!();
      }
    }
    const handler = new Handler();
    new (generated.service as unknown as { Processor: Processor }).Processor(handler);

    await handler.divide(3, 1).catch(() => {});

    expect(await errorsOf('divide', service)).toEqual({
      'declared Stray': 1,
      'undeclared Error': 0,
    });
  });
});

test('a handler that was created without its constructor has its series from its first call on', async () => {
  const { service, types } = loadEs6();
  const { Processor: Measured } = instrumentService(service) as unknown as { Processor: Processor };
  class UnconstructedHandler {
    @ErrorsCounted
    async divide(_left: number, _right: number): Promise<number> {
      throw new types.Refused({ why: 'no' });
    }
  }
  const handler = Object.create(UnconstructedHandler.prototype) as UnconstructedHandler;

  new Measured(handler);
  expect(await errorsOf('divide', '_unknown')).toEqual({});
  await handler.divide(1, 1).catch(() => {});

  expect(await errorsOf('divide', 'Unconstructed')).toEqual({
    'declared Refused': 1,
    'declared Renamed': 0,
    'undeclared Error': 0,
  });
});
