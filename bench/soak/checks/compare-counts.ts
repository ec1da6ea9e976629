import type { Tally } from '../../../examples/calculator/tally.js';
import { sumOf } from '../../../test/support/sum-of';
import type { Sample } from '../../../test/support/text-format';
import type { Check } from './check.js';

export const METHODS = [
  'Calculator.ping',
  'Calculator.add',
  'Calculator.calculate',
  'Calculator.factorize',
  'Calculator.mean',
  'Calculator.zip',
  'SharedService.getStruct',
  'SharedService.recentKeys',
];

type Labels = Readonly<Record<string, string>>;

/** Compares, for each method, the counts of the clients with the server's series that have these labels. */
export function compareCounts(
  samples: readonly Sample[],
  tally: Tally,
  labels: Labels = {},
): Check[] {
  return METHODS.map((name) => {
    const { calls, declared, undeclared } = tally.of(name);
    const [service = '', method = ''] = name.split('.');
    const of = (metric: string, more: Labels = {}): number => {
      const all = { ...labels, ...more, thrift_service: service, thrift_method: method };
      return sumOf(samples, metric, all);
    };
    const kind = (value: string): number =>
      // If the IDL declares no exception for a method, there is no series for declared errors.
      of('thrift_server_errors_total', { thrift_exception_kind: value }) || 0;
    const client = [calls, calls - declared - undeclared, declared, undeclared, calls, 0];
    const server = [
      of('thrift_server_requests_total'),
      of('thrift_server_latency_seconds_count', { thrift_success: 'true' }),
      kind('declared'),
      kind('undeclared'),
      // Messages are counted at the processor, not at the handler.
      of('thrift_server_messages_total'),
      of('thrift_server_active_requests'),
    ];
    const agree = client.every((value, i) => value === server[i]);
    return {
      what: `${name}: requests, successes, declared, undeclared, messages, in flight`,
      found: agree
        ? server.join(', ')
        : `${server.join(', ')}; clients counted: ${client.join(', ')}`,
      holds: agree && calls > 0,
    };
  });
}
