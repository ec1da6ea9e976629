import { expect, onTestFinished, test, vi } from 'vitest';

import { Reports } from '../../src/runtime/reports';
import { defaultSettings, type ErrorHandler } from '../../src/runtime/settings';
import { ThriftMetricsError } from '../../src/validation/errors';

function create(onError: ErrorHandler = () => {}): Reports {
  return new Reports({ ...defaultSettings(), onError });
}

test('the first error of each site is passed on, and again after the sites are forgotten', () => {
  const onError = vi.fn();
  const reports = create(onError);
  const [first, second] = [new Error('first'), new Error('second')];
  reports.warnOnce('a', first);
  reports.warnOnce('a', second);
  reports.warnOnce('b', second);
  expect(onError.mock.calls).toEqual([
    [first, 'a'],
    [second, 'b'],
  ]);
  reports.forget();
  reports.warnOnce('a', second);
  expect(onError).toHaveBeenLastCalledWith(second, 'a');
  expect(reports.all().map(({ site }) => site)).toEqual(['a', 'b']);
});

test('the first reports are kept with code and message of own errors, but not of foreign ones', () => {
  const reports = create();
  reports.warnOnce('own', new ThriftMetricsError('TM_ERR_NAME_TAKEN', 'the name is taken'));
  reports.warnOnce('own', new ThriftMetricsError('TM_ERR_SERIES_LIMIT', 'later'));
  reports.warnOnce('foreign', new Error('a secret'));
  reports.warnOnce('text', 'a secret');
  reports.forget();
  reports.warnOnce('own', new ThriftMetricsError('TM_ERR_SERIES_LIMIT', 'later'));
  expect(reports.all()).toEqual([
    { site: 'own', code: 'TM_ERR_NAME_TAKEN', message: 'the name is taken' },
    { site: 'foreign', code: null, message: '' },
    { site: 'text', code: null, message: '' },
  ]);
});

test.each([
  'TM_ERR_LABEL_FUNCTION',
  'TM_ERR_FAILED_FUNCTION',
  'TM_ERR_EXEMPLAR',
  'TM_ERR_LABEL_VALUE',
] as const)('%s, which shows values of calls, is kept without its message', (code) => {
  const reports = create();
  reports.warnOnce('a', new ThriftMetricsError(code, 'a secret'));
  expect(reports.all()).toEqual([{ site: 'a', code, message: '' }]);
});

test('an error that cannot be read is reported and kept', () => {
  const fail = (): never => {
    throw new Error('trap');
  };
  const hostile = new Proxy({}, { get: fail, getPrototypeOf: fail, has: fail });
  const onError = vi.fn();
  const reports = create(onError);
  reports.warnOnce('a', hostile);
  expect(onError).toHaveBeenCalledTimes(1);
  expect(reports.all()).toEqual([{ site: 'a', code: null, message: '' }]);
});

test('1000 sites are kept, and later ones are still passed on', () => {
  const onError = vi.fn();
  const reports = create(onError);
  for (let i = 0; i <= 1000; i++) reports.warnOnce(`site ${i}`, new Error('x'));
  expect(reports.all()).toHaveLength(1000);
  expect(reports.all().at(-1)).toMatchObject({ site: 'site 999' });
  expect(onError).toHaveBeenCalledTimes(1001);
});

test('an onError that throws does not reach the program, and its own error is on the console', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const fault = new Error('of onError');
  const reports = create(() => {
    throw fault;
  });
  reports.warnOnce('a', new Error('x'));
  expect(warn.mock.calls).toEqual([[expect.stringContaining('onError'), fault]]);
});

test('without onError, an error is on the console with its site, also if the console fails', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const reports = new Reports(defaultSettings());
  const error = new Error('x');
  reports.warnOnce('a site', error);
  expect(warn.mock.calls).toEqual([[expect.stringContaining('a site'), error]]);
  warn.mockImplementation(() => {
    throw new Error('the console is closed');
  });
  expect(() => reports.warnOnce('b', error)).not.toThrow();
  expect(warn).toHaveBeenCalledTimes(2);
});
