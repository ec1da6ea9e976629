import { Registry } from 'prom-client';
import { beforeEach, expect, test, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  getDeclaredMetrics,
  instrumentHandler,
  Instrumented,
  renderMetrics,
  resetMetrics,
  ThriftService,
} from '../../src/index';

const onError = vi.fn<(error: unknown, site: string) => void>();
let registry: Registry;
beforeEach(() => {
  registry = new Registry();
  resetMetrics();
  onError.mockClear();
  configureMetrics({ registry, onError });
});

const settled = (): Promise<void> => Promise.resolve();

async function requests(): Promise<string[]> {
  const text = (await renderMetrics()).body.toString();
  return text.split('\n').filter((line) => /^thrift_server_requests_total.* [1-9]\d*$/.test(line));
}

/** Declares the same method on two classes, as a minifier leaves them: without names. */
const nameless = {
  'instrumentHandler with instances': () =>
    [class {}, class {}].map((type) => {
      Object.assign(type.prototype, { add: () => 1 });
      Object.defineProperty(type, 'name', { value: '' });
      return instrumentHandler(new type() as { add(): number });
    }),
  'Instrumented on classes': () =>
    [1, 2].map(() => {
      const type = (() =>
        class {
          add(): number {
            return 1;
          }
        })();
      Object.defineProperty(type, 'name', { value: '' });
      Instrumented(type, { kind: 'class', name: undefined, addInitializer() {} } as never);
      return new type();
    }),
  'Counted on methods': () =>
    [1, 2].map(
      () =>
        new (class {
          static {
            Object.defineProperty(this, 'name', { value: '' });
          }
          @Counted add(): number {
            return 1;
          }
        })(),
    ),
};

test.each(Object.entries(nameless))(
  '%s that have no name are the service _unknown, reported once with the remedy',
  async (_title, declare) => {
    for (const handler of declare()) handler.add();
    await settled();

    expect(await requests()).toEqual([
      'thrift_server_requests_total{thrift_method="add",thrift_service="_unknown"} 2',
    ]);
    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ code: 'TM_ERR_SERVICE_NAME' }), 'service name'],
    ]);
    const message = String(onError.mock.calls[0]?.[0]);
    for (const remedy of ['@ThriftService', "'service'", 'keepNames', 'keep_classnames']) {
      expect(message).toContain(remedy);
    }
  },
);

test('a class without a name that ThriftService names is not reported', async () => {
  const type = (() => class {})();
  Object.defineProperty(type, 'name', { value: '' });
  const prototype = type.prototype as { add(): number };
  prototype.add = () => 1;
  // The legacy dialect applies the decorators of the methods before those of the class.
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'add') as never;
  Object.defineProperty(prototype, 'add', Counted(prototype, 'add', descriptor));
  (ThriftService('Named') as (target: unknown) => void)(type);
  prototype.add();
  await settled();

  expect(onError).not.toHaveBeenCalled();
  expect(await requests()).toEqual([
    'thrift_server_requests_total{thrift_method="add",thrift_service="Named"} 1',
  ]);
});

test.each([
  ['a method', () => 'x'],
  ['undefined', undefined],
  ['an object', {}],
])('a class whose static name is %s can be declared', async (_kind, name) => {
  class Handler {
    static {
      Object.defineProperty(this, 'name', { value: name });
    }
    @Counted add(): number {
      return 1;
    }
  }
  expect(new Handler().add()).toBe(1);
  await settled();
  expect(onError).toHaveBeenCalledTimes(1);
  expect(getDeclaredMetrics(Handler).map(({ service }) => service)).toEqual(['_unknown']);
});

test('a method whose key is a symbol without a description has a label that is not empty', async () => {
  const key = Symbol();
  @ThriftService('Symbols')
  class Handler {
    @Counted [key](): number {
      return 1;
    }
  }
  new Handler()[key]();
  expect(await requests()).toEqual([
    'thrift_server_requests_total{thrift_method="_unknown",thrift_service="Symbols"} 1',
  ]);
});
