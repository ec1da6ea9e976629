import assert from 'node:assert/strict';

import { Thrift } from 'thrift';
import {
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  NotInstrumented,
  ThriftService,
  Timed,
  getDeclaredMetrics,
} from 'thrift-metrics';

import type { Case } from './kit.js';

class NotFound extends Thrift.TException {}

@ThriftService('Declared')
class DeclaredHandler {
  @Counted('declared_requests_total', { labels: { tier: 'gold', who: () => 'anybody' } }) first() {}
  @Timed({ buckets: [1, 2] }) @ErrorsCounted({ exceptions: [NotFound] }) second() {}
  @InFlight static third() {}
}

@Instrumented({ service: 'DeclaredToo', timed: false })
class ByClass {
  one() {}
  @NotInstrumented none() {}
}

class Undecorated {
  call() {}
}

class NeverUsedHandler {
  @Counted call() {}
}

const METHOD_LABELS = ['thrift_method', 'thrift_service'];

export const cases: Case[] = [
  {
    name: 'getDeclaredMetrics returns name, type, service, method and labels of each metric',
    run() {
      const declared = summary(DeclaredHandler);
      assert.deepEqual(declared, [
        [
          'counted',
          'declared_requests_total',
          'counter',
          'Declared',
          'first',
          [...METHOD_LABELS, 'tier', 'who'],
        ],
        [
          'errorsCounted',
          'thrift_server_errors_total',
          'counter',
          'Declared',
          'second',
          ['thrift_exception_kind', 'thrift_exception_type', ...METHOD_LABELS],
        ],
        ['inFlight', 'thrift_server_active_requests', 'gauge', 'Declared', 'third', METHOD_LABELS],
        [
          'timed',
          'thrift_server_latency_seconds',
          'histogram',
          'Declared',
          'second',
          [...METHOD_LABELS, 'thrift_success'],
        ],
      ]);
    },
  },
  {
    name: 'getDeclaredMetrics returns what a class decorator declares for each method',
    run() {
      assert.deepEqual(
        summary(ByClass).map(([kind, , , service, method]) => [kind, service, method]),
        ['counted', 'errorsCounted', 'inFlight'].map((kind) => [kind, 'DeclaredToo', 'one']),
      );
    },
  },
  {
    name: 'getDeclaredMetrics of a class without decorators is empty',
    run: () => assert.deepEqual(getDeclaredMetrics(Undecorated), []),
  },
  {
    name: 'getDeclaredMetrics knows a class without a class decorator before its first construction',
    run() {
      assert.deepEqual(
        summary(NeverUsedHandler).map(([kind, , , service, method]) => [kind, service, method]),
        [['counted', 'NeverUsed', 'call']],
      );
    },
  },
];

function summary(handler: abstract new () => object) {
  return getDeclaredMetrics(handler)
    .map(
      ({ kind, name, type, service, method, labelNames }) =>
        [kind, name, type, service, method, labelNames.toSorted()] as const,
    )
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
