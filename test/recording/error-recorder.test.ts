import { Thrift } from 'thrift';
import { describe, expect, test, vi } from 'vitest';

import type { ErrorSample } from '../../src/metrics/error-sample';
import type { ExemplarSource } from '../../src/metrics/exemplar';
import { CallDetails } from '../../src/recording/call';
import { CountingErrorRecorder, type DeclaredExceptions } from '../../src/recording/error-recorder';
import { ErrorReader } from '../../src/recording/error-details';
import { ErrorSampler } from '../../src/recording/error-sampler';
import type { ExceptionClass } from '../../src/recording/exception';
import { Cells } from './plan-of';

const { INTERNAL_ERROR } = Thrift.TApplicationExceptionType;

class Refused extends Thrift.TException {}
class RefusedAgain extends Refused {}
class Missing extends Thrift.TException {}

/** Counts what is counted, and with which source of exemplars. */
class Errors {
  value = 0;
  sample: ErrorSample | null = null;
  readonly sources: ExemplarSource[] = [];

  countWithExemplar(source: ExemplarSource): void {
    this.value++;
    this.sources.push(source);
  }
}

interface Settings {
  readonly exceptions?: readonly ExceptionClass[];
  readonly throws?: DeclaredExceptions;
  readonly labels?: readonly ((call: CallDetails) => string)[];
  readonly kept?: boolean;
}

function create({ exceptions, throws, labels = [], kept = true }: Settings = {}) {
  const cells = new Cells(() => new Errors(), kept);
  const report = vi.fn<(site: string, error: unknown) => void>();
  const exemplars = { labels: null };
  const errorTypes = { recorded: false };
  const failed = { declared: { value: 0 }, undeclared: { value: 0 }, result: { value: 0 } };
  const recorder = new CountingErrorRecorder(
    exceptions ?? null,
    throws ?? null,
    labels,
    'exception:CalculatorHandler.add',
    { report },
    exemplars,
    errorTypes,
    failed,
    cells.source,
    new ErrorSampler(new ErrorReader({ report })),
  );
  const counts = () =>
    Object.fromEntries([...cells.byValues].map(([values, { value }]) => [values, value]));
  const failures = () =>
    Object.fromEntries(Object.entries(failed).map(([kind, { value }]) => [kind, value]));
  return { recorder, cells, report, exemplars, errorTypes, counts, failures };
}

describe('with a list of exceptions', () => {
  test.each([
    ['an exception of the list', new Refused('x'), 'declared Refused'],
    ['a subclass of one of the list', new RefusedAgain('x'), 'declared RefusedAgain'],
    ['a Thrift exception that is not of the list', new Missing('x'), 'undeclared Missing'],
    ['an error', new RangeError('x'), 'undeclared RangeError'],
    ['a string', 'x', 'undeclared string'],
  ])('%s is counted by kind and type', (_title, error, counted) => {
    const { recorder, counts } = create({ exceptions: [Refused] });
    recorder.record(null, error);
    expect(counts()).toEqual({ [counted]: 1 });
  });

  test('an empty list declares nothing', () => {
    const { recorder, counts } = create({ exceptions: [] });
    recorder.record(null, new Refused('x'));
    expect(counts()).toEqual({ 'undeclared Refused': 1 });
  });
});

describe('without a list of exceptions', () => {
  test.each([
    ['a Thrift exception', new Refused('x'), 'declared Refused'],
    [
      'a TApplicationException',
      new Thrift.TApplicationException(INTERNAL_ERROR, 'x'),
      'undeclared TApplicationException',
    ],
    ['an error', new Error('x'), 'undeclared Error'],
    ['null', null, 'undeclared null'],
  ])('%s is counted by kind and type', (_title, error, counted) => {
    const { recorder, counts } = create();
    recorder.record(null, error);
    expect(counts()).toEqual({ [counted]: 1 });
  });

  test('the service decides which exceptions are declared, where it can tell', () => {
    const verdicts = new Map<unknown, boolean | null>([
      [Missing, false],
      [RangeError, true],
      [Refused, null],
    ]);
    const throws: DeclaredExceptions = {
      names: [],
      isDeclared: (error) => verdicts.get((error as object).constructor) ?? null,
    };
    const { recorder, counts } = create({ throws });
    for (const error of [new Missing('x'), new RangeError('x'), new Refused('x')]) {
      recorder.record(null, error);
    }
    expect(counts()).toEqual({
      'undeclared Missing': 1,
      'declared RangeError': 1,
      'declared Refused': 1,
    });
  });
});

test('errors of the same kind and type share a cell, which is looked up once', () => {
  const { recorder, cells, counts } = create();
  for (let i = 0; i < 3; i++) recorder.record(null, new Error(String(i)));
  expect(counts()).toEqual({ 'undeclared Error': 3 });
  expect(cells.asked).toBe(1);
});

test('a cell that is not to be kept is looked up for each error', () => {
  const { recorder, cells } = create({ kept: false });
  for (let i = 0; i < 3; i++) recorder.record(null, new Error(String(i)));
  expect(cells.asked).toBe(3);
});

test('label functions see the call, and their values come after kind and type', () => {
  const labels = [({ args }: CallDetails) => String(args[0]), ({ method }: CallDetails) => method];
  const { recorder, counts } = create({ labels });
  recorder.record(new CallDetails(['gold'], 'add', 'Calculator'), new Error('x'));
  expect(counts()).toEqual({ 'undeclared Error gold add': 1 });
});

test('errors are counted with the source of exemplars', () => {
  const { recorder, cells, exemplars } = create();
  recorder.record(null, new Error('x'));
  expect(cells.byValues.get('undeclared Error')?.sources).toEqual([exemplars]);
});

test('an error that cannot be read is reported and counted with an unknown type', () => {
  const fault = new Error('trap');
  const error = new Proxy(new Error('x'), {
    getPrototypeOf() {
      throw fault;
    },
  });
  const { recorder, report, counts } = create();
  recorder.record(null, error);
  expect(counts()).toEqual({ 'undeclared _unknown': 1 });
  expect(report.mock.calls).toEqual([['exception:CalculatorHandler.add', fault]]);
});

describe('failed calls by kind', () => {
  test('each failure counts once, whatever its type', () => {
    const { recorder, failures } = create({ exceptions: [Refused] });
    recorder.record(null, new Refused('x'));
    recorder.record(null, new RangeError('x'));
    recorder.record(null, 'x');
    recorder.recordResult(null, 'ERROR_STATUS');
    expect(failures()).toEqual({ declared: 1, undeclared: 2, result: 1 });
  });

  test('a failure counts even if the label of its type cannot be computed', () => {
    const fault = new Error('label');
    const broken = () => {
      throw fault;
    };
    const { recorder, failures, counts, report } = create({ labels: [broken] });
    recorder.record({} as CallDetails, new RangeError('x'));
    expect(counts()).toEqual({});
    expect(report.mock.calls).toEqual([['exception:CalculatorHandler.add', fault]]);
    expect(failures()).toEqual({ declared: 0, undeclared: 1, result: 0 });
  });
});

describe('durations by error type', () => {
  const observe = () => {
    const observeErrorType = vi.fn<(type: string, seconds: number) => void>();
    return {
      observe: () => {},
      observeErrorType,
    };
  };

  test('a failure passes its type and duration on while these are recorded', () => {
    const { recorder, errorTypes } = create();
    const duration = observe();
    recorder.record(null, new RangeError('x'), duration, 1);
    errorTypes.recorded = true;
    recorder.record(null, new RangeError('x'), duration, 2);
    recorder.recordResult(null, 'ERROR_STATUS', duration, 3);
    recorder.record(null, new RangeError('x'), null, 0);

    expect(duration.observeErrorType.mock.calls).toEqual([
      ['RangeError', 2],
      ['ERROR_STATUS', 3],
    ]);
  });
});
