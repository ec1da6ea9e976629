import { afterEach, expect, test, vi } from 'vitest';

import { type CallsOptions, configureMetrics, instrument, resetMetrics } from '../../src/index';
import { readCalls } from '../../src/runtime/calls/read-calls';
import { currentRuntime } from '../../src/runtime/runtime';

afterEach(() => {
  configureMetrics({ calls: true });
  resetMetrics();
});

const fail = instrument(
  (_secret: string): void => {
    throw new TypeError('failed');
  },
  { service: 'Option', method: 'fail' },
);

function shown(): (string | null)[] {
  return readCalls(currentRuntime(), false).settled.map((call) => call.arguments);
}

test.each<[string, boolean | CallsOptions]>([
  ['another function', { arguments: () => 'redacted' }],
  ["'types'", { arguments: 'types' }],
  ["'none'", { arguments: 'none' }],
  ['the default', true],
  ['nothing, because calls are switched off', false],
])('what a function has written of arguments is dropped when %s replaces it', (_title, later) => {
  configureMetrics({ calls: { arguments: ({ args }) => String(args[0]) } });
  expect(() => fail('secret')).toThrow(TypeError);
  expect(shown()).toEqual(['secret']);
  configureMetrics({ calls: later });
  expect(shown()).toEqual([]);
});

test('kept calls stay when the option is set to the same value again', () => {
  configureMetrics({ calls: { arguments: 'types' } });
  expect(() => fail('secret')).toThrow(TypeError);
  configureMetrics({ calls: { arguments: 'types' } });
  expect(shown()).toEqual(['string']);
});

test('an arguments function that returns the arguments themselves does not show them in its fault', () => {
  const onError = vi.fn<(error: unknown, site: string) => void>();
  const wrong = ({ args }: { args: readonly unknown[] }) => args;
  configureMetrics({ onError, calls: { arguments: wrong as never } });
  expect(() => fail('secret')).toThrow(TypeError);
  expect(shown()).toEqual([null]);
  const [[error, site]] = onError.mock.calls as [[Error, string]];
  expect(site).toBe('calls:arguments');
  expect(error.message).toContain('a value of type object');
  expect(error.message).not.toContain('secret');
  const reported = currentRuntime()
    .reports.all()
    .map(({ message }) => message);
  expect(reported.join()).not.toContain('secret');
});
