import { beforeEach, describe, expect, test } from 'vitest';

import {
  configureMetrics,
  Counted,
  Instrumented,
  instrumentHandler,
  instrumentService,
  NotInstrumented,
  type ThriftMetricsError,
} from '../../../src/index';
import { loadEs6 } from '../generated';

const reports: ThriftMetricsError[] = [];

beforeEach(() => {
  reports.length = 0;
  // Naming `onError` lets every site report again.
  configureMetrics({ onError: (error) => reports.push(error as ThriftMetricsError) });
});

const { service: module } = loadEs6();
type Processor = new (handler: object) => object;

/** Creates a processor for a handler, and returns the messages of the reports. */
function reportsOf(handler: object, service?: string): string[] {
  const { Processor } = instrumentService(module, { service }) as unknown as {
    Processor: Processor;
  };
  void new Processor(handler);
  return reports.map(({ message }) => message);
}

describe('a service whose handler measures some methods', () => {
  test('a handler that measures some methods is reported once, with the methods that nothing measures', () => {
    class PartHandler {
      @Counted ping(): void {}
      count(): number {
        return 1;
      }
      twice = (number: number) => 2 * number;
      get close() {
        return () => {};
      }
    }
    expect(reportsOf(new PartHandler())).toEqual([
      "service 'Library': 3 of 12 methods of its handler (PartHandler) are not measured. Calls of 'count', 'close' and 'twice' are missing from the handler's metrics. Decorate them or their class, pass the handler to instrumentHandler, or mark them with @NotInstrumented.",
    ]);
    expect(reports[0]?.code).toBe('TM_ERR_UNMEASURED_METHODS');
    expect(reportsOf(new PartHandler())).toHaveLength(1);
  });

  test('a method is reported if a subclass overrides a measured one and does not call it', () => {
    @Instrumented
    class ParentHandler {
      ping(): void {}
      count(): number {
        return 1;
      }
    }
    class ChildHandler extends ParentHandler {
      override count(): number {
        return 2;
      }
    }
    expect(reportsOf(new ChildHandler())).toEqual([
      expect.stringContaining("Calls of 'count' are"),
    ]);
  });

  test('a method is reported if the override only has a word that begins with super', () => {
    @Instrumented
    class ParentHandler {
      ping(): void {}
      count(): number {
        return 1;
      }
    }
    class SupersedingHandler extends ParentHandler {
      override count(): number {
        const superseded = 2;
        return superseded;
      }
    }
    expect(reportsOf(new SupersedingHandler())).toEqual([
      expect.stringContaining("Calls of 'count' are"),
    ]);
  });

  test('a method is reported if the handler is a class with static methods', () => {
    class StaticHandler {
      @Counted static ping(): void {}
      static count(): number {
        return 1;
      }
    }
    expect(reportsOf(StaticHandler)).toEqual([
      expect.stringMatching(
        /^service 'Library': 1 of 12 .*\(StaticHandler\).*Calls of 'count' are/,
      ),
    ]);
  });

  test('a method is reported without the name of a class if the handler has none', () => {
    class MeasuredHandler {
      @Counted ping(): void {}
    }
    const { value } = Object.getOwnPropertyDescriptor(MeasuredHandler.prototype, 'ping')!;
    const handler = {
      ping: value as () => void,
      count(): string {
        return super.toString();
      },
    };
    expect(reportsOf(Object.setPrototypeOf(handler, null) as object)).toEqual([
      expect.stringContaining("1 of 12 methods of its handler are not measured. Calls of 'count'"),
    ]);
  });

  test('a method is reported for each service that it serves, by its given name', () => {
    class SharedHandler {
      @Counted ping(): void {}
      count(): number {
        return 1;
      }
    }
    const handler = new SharedHandler();
    reportsOf(handler, 'First');
    expect(reportsOf(handler, 'Second')).toEqual([
      expect.stringMatching(/^service 'First': /),
      expect.stringMatching(/^service 'Second': /),
    ]);
  });

  test('a report names ten methods at most', () => {
    class ManyHandler {
      @Counted ping(): void {}
    }
    const names = ['count', 'close', 'twice', 'divide', 'clamp', 'genreOf', 'store', 'describe'];
    const others = ['note', 'find', 'clear'];
    const methods = [...names, ...others].map((name) => [name, () => {}]);
    const handler = Object.assign(new ManyHandler(), Object.fromEntries(methods) as object);
    expect(reportsOf(handler)).toEqual([expect.stringMatching(/('\w+', ){9}'\w+' and 1 more are/)]);
  });
});

describe('nothing is reported', () => {
  test('nothing is reported for a handler without metrics', () => {
    expect(reportsOf({ ping() {}, count: () => 1 })).toEqual([]);
  });

  test('nothing is reported for a handler of instrumentHandler, which measures every method', () => {
    const handler = {
      ping() {},
      get count() {
        return () => 1;
      },
    };
    expect(reportsOf(instrumentHandler(handler, { service: 'Library' }))).toEqual([]);
  });

  test('nothing is reported for a handler of instrumentHandler with every metric switched off, although its class measures a method', () => {
    class DecoratedHandler {
      @Counted ping(): void {}
      count(): number {
        return 1;
      }
    }
    const off = { counted: false, timed: false, errorsCounted: false, inFlight: false } as const;
    const handler = instrumentHandler(new DecoratedHandler(), { service: 'Library', ...off });
    expect(reportsOf(handler)).toEqual([]);
  });

  test('nothing is reported for methods that NotInstrumented leaves out of a handler that was created without its constructor', () => {
    class UnconstructedHandler {
      @Counted ping(): void {}
      @NotInstrumented count(): number {
        return 1;
      }
    }
    expect(reportsOf(Object.create(UnconstructedHandler.prototype) as object)).toEqual([]);
  });

  test('nothing is reported for methods that NotInstrumented leaves out, and for methods that do not exist', () => {
    @Instrumented
    class LeavingOutHandler {
      ping(): void {}
      @NotInstrumented count(): number {
        return 1;
      }
    }
    expect(reportsOf(new LeavingOutHandler())).toEqual([]);
  });

  test('nothing is reported for properties that are not methods', () => {
    class ValuesHandler {
      @Counted ping(): void {}
      count = 5;
      close = class {};
    }
    expect(reportsOf(new ValuesHandler())).toEqual([]);
  });

  test('nothing is reported for an override that calls the measured method', () => {
    @Instrumented
    class BaseHandler {
      ping(): void {}
      count(): number {
        return 1;
      }
    }
    class CallingHandler extends BaseHandler {
      override count(): number {
        return super.count() + 1;
      }
    }
    expect(reportsOf(new CallingHandler())).toEqual([]);
  });

  test('nothing is reported for a measured method below the decorator of another library', () => {
    const traced = (_target: object, _key: string, property: PropertyDescriptor): void => {
      const original = property.value as () => unknown;
      property.value = function (this: unknown) {
        return original.call(this);
      };
    };
    class TracedHandler {
      ping(): void {}
      count(): number {
        return 1;
      }
    }
    const { prototype } = TracedHandler;
    for (const [key, decorators] of [
      ['ping', [Counted]],
      ['count', [Counted, traced]],
    ] as const) {
      const property = Object.getOwnPropertyDescriptor(prototype, key)!;
      for (const decorate of decorators) {
        (decorate as (...args: unknown[]) => unknown)(prototype, key, property);
      }
      Object.defineProperty(prototype, key, property);
    }
    expect(reportsOf(new TracedHandler())).toEqual([]);
  });
});
