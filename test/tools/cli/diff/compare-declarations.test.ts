import { expect, test } from 'vitest';

import {
  type Change,
  CHANGE_KINDS,
  type ChangeName,
} from '../../../../src/tools/cli/diff/change-kinds';
import { compareDeclarations } from '../../../../src/tools/cli/diff/compare-declarations';
import { parseList } from '../../../../src/tools/cli/diff/compared-declaration';

interface Metric {
  kind: string;
  name: string;
  type: string;
  help: string;
  labelNames: string[];
  labels: Record<string, string>;
  buckets?: number[];
  native?: true;
  quantiles?: number[];
  exceptions?: string[];
}

interface Method {
  service: string;
  method: string;
  declaredBy: string;
  failedRequests: string;
  metrics: [counted: Metric, timed: Metric, errors: Metric, summary: Metric];
  objective: {
    availability?: number;
    latency?: { target: number; within: number };
    window: string;
    declaredExceptionsAreErrors: boolean;
  } | null;
}

const BASE = ['thrift_service', 'thrift_method'];

/** One method as `list --json` prints it. */
function listed(method = 'add', service = 'Calculator'): Method {
  return {
    service,
    method,
    declaredBy: 'Handler',
    failedRequests: 'thrift_server_failed_requests_total',
    metrics: [
      {
        kind: 'counted',
        name: 'thrift_server_requests_total',
        type: 'counter',
        help: 'Calls.',
        labelNames: ['op', 'tier', ...BASE],
        labels: { tier: 'gold' },
      },
      {
        kind: 'timed',
        name: 'thrift_server_latency_seconds',
        type: 'histogram',
        help: 'Time.',
        labelNames: ['thrift_success', ...BASE],
        labels: {},
        buckets: [0.1, 1],
      },
      {
        kind: 'errorsCounted',
        name: 'thrift_server_errors_total',
        type: 'counter',
        help: 'Failures.',
        labelNames: ['thrift_exception_kind', 'thrift_exception_type', ...BASE],
        labels: {},
        exceptions: ['Refused'],
      },
      {
        kind: 'timed',
        name: 'own_seconds',
        type: 'summary',
        help: 'Time.',
        labelNames: ['thrift_success', ...BASE],
        labels: {},
        quantiles: [0.5, 0.99],
      },
    ],
    objective: {
      availability: 0.999,
      latency: { target: 0.99, within: 0.1 },
      window: '30d',
      declaredExceptionsAreErrors: false,
    },
  };
}

function compare(before: readonly Method[], after: readonly Method[]): Change[] {
  const [one, other] = [before, after].map((methods) => parseList(JSON.stringify(methods)));
  if (one === null || one === undefined || other === null || other === undefined) {
    throw new Error('not a list');
  }
  return compareDeclarations(one, other);
}

const REQUESTS = 'thrift_server_requests_total';
const LATENCY = 'thrift_server_latency_seconds';
const ERRORS = 'thrift_server_errors_total';

type Case = [
  kind: ChangeName,
  isBreaking: boolean,
  edit: (method: Method) => void,
  metric: string | null,
  before: string,
  after: string,
];

/** Each edits the declaration after the change. The edit that undoes it is the case with the opposite kind. */
const CASES: Case[] = [
  ['class-renamed', false, (m) => void (m.declaredBy = 'Other'), null, 'Handler', 'Other'],
  ['metric-removed', true, (m) => void m.metrics.splice(0, 1), REQUESTS, REQUESTS, ''],
  [
    'metric-renamed',
    true,
    (m) => void (m.metrics[0].name = 'calls_total'),
    REQUESTS,
    REQUESTS,
    'calls_total',
  ],
  [
    'type-changed',
    true,
    ({ metrics: [, timed] }) =>
      Object.assign(timed, { type: 'summary', buckets: undefined, quantiles: [0.5] }),
    LATENCY,
    'histogram',
    'summary',
  ],
  [
    'help-changed',
    false,
    (m) => void (m.metrics[0].help = 'All calls.'),
    REQUESTS,
    'Calls.',
    'All calls.',
  ],
  ['label-removed', true, (m) => void m.metrics[0].labelNames.shift(), REQUESTS, 'op', ''],
  [
    'constant-label-added',
    false,
    ({ metrics: [counted] }) => {
      counted.labelNames.push('team');
      counted.labels['team'] = 'a';
    },
    REQUESTS,
    '',
    'team=a',
  ],
  [
    'call-label-added',
    true,
    (m) => void m.metrics[0].labelNames.push('user'),
    REQUESTS,
    '',
    'user',
  ],
  [
    'label-value-changed',
    true,
    (m) => void (m.metrics[0].labels['tier'] = 'tin'),
    REQUESTS,
    'tier=gold',
    'tier=tin',
  ],
  ['label-varies', true, (m) => void (m.metrics[0].labels = {}), REQUESTS, 'tier=gold', 'tier'],
  ['label-fixed', true, (m) => void (m.metrics[0].labels['op'] = 'x'), REQUESTS, 'op', 'op=x'],
  ['bucket-removed', true, (m) => void (m.metrics[1].buckets = [1]), LATENCY, '0.1', ''],
  [
    'bucket-added',
    false,
    (m) => void (m.metrics[1].buckets = [0.1, 0.5, 1, 2]),
    LATENCY,
    '',
    '0.5 2',
  ],
  [
    'quantile-removed',
    true,
    (m) => void (m.metrics[3].quantiles = [0.5]),
    'own_seconds',
    '0.99',
    '',
  ],
  [
    'quantile-added',
    false,
    (m) => void (m.metrics[3].quantiles = [0.5, 0.9, 0.99]),
    'own_seconds',
    '',
    '0.9',
  ],
  ['native-on', true, (m) => void (m.metrics[1].native = true), LATENCY, 'classic', 'native'],
  [
    'exception-added',
    false,
    (m) => void (m.metrics[2].exceptions = ['Refused', 'Late']),
    ERRORS,
    '',
    'Late',
  ],
  ['exception-removed', true, (m) => void (m.metrics[2].exceptions = []), ERRORS, 'Refused', ''],
  ['exceptions-unlisted', false, (m) => void delete m.metrics[2].exceptions, ERRORS, 'Refused', ''],
  ['objective-removed', true, (m) => void delete m.objective!.latency, null, '99% in time', ''],
  [
    'target-loosened',
    true,
    (m) => void (m.objective!.availability = 0.99),
    null,
    '99.9% available',
    '99% available',
  ],
  [
    'target-tightened',
    false,
    (m) => void (m.objective!.latency = { target: 0.995, within: 0.1 }),
    null,
    '99% in time',
    '99.5% in time',
  ],
  ['window-changed', true, (m) => void (m.objective!.window = '7d'), null, '30d', '7d'],
  [
    'latency-bound-raised',
    true,
    (m) => void (m.objective!.latency = { target: 0.99, within: 1 }),
    null,
    '0.1 s',
    '1 s',
  ],
  [
    'declared-errors-counted',
    true,
    (m) => void (m.objective!.declaredExceptionsAreErrors = true),
    null,
    'false',
    'true',
  ],
];

test.each(CASES)('the change %s is reported', (kind, isBreaking, edit, metric, before, after) => {
  const edited = listed();
  edit(edited);

  const changes = compare([listed()], [edited]);

  expect(changes).toEqual([{ kind, of: 'Calculator.add', metric, before, after }]);
  expect(CHANGE_KINDS[kind].breaking).toBe(isBreaking);
});

/** The changes that are the opposite of another. */
const OPPOSITES: Partial<Record<ChangeName, [kind: ChangeName, isBreaking: boolean]>> = {
  'metric-removed': ['metric-added', false],
  'native-on': ['native-off', true],
  'exceptions-unlisted': ['exceptions-listed', true],
  'objective-removed': ['objective-added', false],
  'latency-bound-raised': ['latency-bound-lowered', false],
  'declared-errors-counted': ['declared-errors-ignored', true],
  'label-varies': ['label-fixed', true],
};

test.each(CASES.filter(([kind]) => OPPOSITES[kind] !== undefined))(
  'the opposite of the change %s is reported',
  (kind, _isBreaking, edit) => {
    const edited = listed();
    edit(edited);

    const kinds = compare([edited], [listed()]).map((change) => change.kind);

    const [opposite, isBreaking] = OPPOSITES[kind]!;
    expect(kinds).toEqual([opposite]);
    expect(CHANGE_KINDS[opposite].breaking).toBe(isBreaking);
  },
);

test('added and removed methods are reported', () => {
  const changes = compare([listed('add'), listed('mean')], [listed('add'), listed('divide')]);

  expect(changes).toEqual([
    {
      kind: 'method-removed',
      of: 'Calculator.mean',
      metric: null,
      before: 'Calculator.mean',
      after: '',
    },
    {
      kind: 'method-added',
      of: 'Calculator.divide',
      metric: null,
      before: '',
      after: 'Calculator.divide',
    },
  ]);
});

test('a renamed service is one change, and its methods are compared', () => {
  const changed = listed('mean', 'Sums');
  changed.metrics[0].help = 'All calls.';

  const changes = compare([listed('add'), listed('mean')], [listed('add', 'Sums'), changed]);

  expect(changes.map(({ kind, of, after }) => [kind, of, after])).toEqual([
    ['service-renamed', 'Calculator', 'Sums'],
    ['help-changed', 'Calculator.mean', 'All calls.'],
  ]);
});

test('services without common methods are not taken for a renamed one', () => {
  const changes = compare([listed('add')], [listed('find', 'User')]);

  expect(changes.map(({ kind }) => kind)).toEqual(['method-removed', 'method-added']);
});

test('a changed prefix is one change, and no metric is reported as renamed', () => {
  const after = JSON.parse(
    JSON.stringify(listed()).replaceAll('"thrift_server_', '"shop_thrift_server_'),
  ) as Method;
  after.metrics[3].name = 'shop_own_seconds';

  expect(compare([listed()], [after])).toEqual([
    { kind: 'prefix-changed', of: '-', metric: null, before: '', after: 'shop_' },
  ]);
});

test('every kind of change is tested here', () => {
  const tested = new Set<string>([
    ...CASES.map(([kind]) => kind),
    ...Object.values(OPPOSITES).map(([kind]) => kind),
    'method-removed',
    'method-added',
    'service-renamed',
    'prefix-changed',
  ]);
  expect([...tested].toSorted()).toEqual(Object.keys(CHANGE_KINDS).toSorted());
});

test.each(['{}', '[1]', '[{"service":"S"}]', 'no JSON'])(
  'the text %s is not read as a list of declarations',
  (text) => {
    expect(parseList(text)).toBeNull();
  },
);
