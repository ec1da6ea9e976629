import type { DeclaredMethod } from '../../declaration/describe';
import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import { hangAge } from '../../slo/hang';
import { callMetrics } from '../../slo/objective-indicator';
import { callsExpression } from '../call-expressions';
import { groupBy } from '../group-by';
import { type HistogramStorage, sumOverRange } from '../histogram-expressions';
import { anyOf, selector } from '../promql';
import { type AlertDefaults, createAlert, JOB, METHOD, SERVICE } from './alert';
import type { PrometheusAlertingRule } from './prometheus-rules';
import { METHOD_LEVEL, SERVICE_LEVEL } from './recorded-series';

export const HANG_ALERT = 'ThriftCallsHang';

/** Seconds before which a call does not hang: a shorter hang ends between two scrapes. */
const SHORTEST_HANG = 60;

/** Methods of a service whose calls hang at the same age. */
export interface HangLimit {
  readonly service: string;
  readonly methods: readonly DeclaredMethod[];
  /** In seconds. */
  readonly age: number;
}

/** Groups the methods that have a latency objective and record their calls in progress. */
export function hangLimits(methods: readonly DeclaredMethod[]): HangLimit[] {
  const limits = methods.flatMap((declared) => {
    const within = declared.objective?.latency?.within;
    if (within === undefined || declared.metrics.every(({ kind }) => kind !== 'inFlight'))
      return [];
    return [{ declared, age: hangAge(within, SHORTEST_HANG) }];
  });
  const groups = groupBy(limits, ({ declared, age }) => JSON.stringify([declared.service, age]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { declared, age } = first;
    return [{ service: declared.service, methods: group.map((each) => each.declared), age }];
  });
}

/** Alerts on calls that do not settle. No histogram counts them, so a latency objective does not see them. */
export function callsHangAlert(
  { service, methods, age }: HangLimit,
  prefix: string,
  defaults: AlertDefaults,
): PrometheusAlertingRule {
  const names = methods.map(({ method }) => method);
  const oldest = selector(
    prefix + CATALOGUE.oldestActive.name,
    { service },
    anyOf(LABEL.method, names),
  );
  return createAlert(
    {
      alert: HANG_ALERT,
      expr: `max by (${METHOD_LEVEL.labels}) (${oldest}) > ${age}`,
      for: '5m',
      urgency: 'page',
      service,
      summary: `Calls to ${METHOD} hang`,
      description:
        `The oldest call to ${METHOD} (job ${JOB}) has been in progress for {{ $value | humanizeDuration }}. ` +
        `For 5 minutes, there has always been a call older than ${age} s. ` +
        'Latency histograms do not count calls that have not finished.',
    },
    defaults,
  );
}

export const LOST_ALERT = 'ThriftRepliesLost';

/** Alerts on replies of the services that were computed and did not reach their client. */
export function repliesLostAlert(
  services: readonly string[],
  prefix: string,
  defaults: AlertDefaults,
): PrometheusAlertingRule {
  const over = { by: SERVICE_LEVEL.labels, of: 'increase', range: '10m' } as const;
  const ofServices = anyOf(LABEL.service, services);
  const [lost, messages] = [CATALOGUE.lostReplies, CATALOGUE.messages].map(({ name }) =>
    sumOverRange(`${prefix}${name}{${ofServices}}`, over),
  );
  return createAlert(
    {
      alert: LOST_ALERT,
      expr: `${lost} > 0.01 * ${messages}\nand\n${lost} >= 10`,
      urgency: 'ticket',
      summary: `Replies of ${SERVICE} do not reach its clients`,
      description:
        `{{ $value | humanize }} replies of ${SERVICE} (job ${JOB}) were lost in the last 10m, more than 1% of all. ` +
        'Their clients had closed the connection, or the replies could not be encoded. The handler succeeded, so no objective counts these calls as bad.',
    },
    defaults,
  );
}

export const DOWN_ALERT = 'ThriftDependencyDown';

/** Labels of a client in one job, which name the dependency. */
const CLIENT_LABELS = ['job', LABEL.service, LABEL.clientName].join(', ');

/** Whether a metric tells which jobs run the declared methods. Only their clients are dependencies. */
export function hasDependencyAlert(methods: readonly DeclaredMethod[]): boolean {
  return methods.some((method) => callMetrics(method).calls !== undefined);
}

/** Alerts on clients whose calls nearly all fail without an answer, in the jobs that run the declared methods. */
export function dependencyDownAlert(
  methods: readonly DeclaredMethod[],
  prefix: string,
  storage: HistogramStorage,
  defaults: AlertDefaults,
): PrometheusAlertingRule {
  const over = { by: CLIENT_LABELS, of: 'increase', range: '5m' } as const;
  const kinds = anyOf(LABEL.exceptionKind, ['transport', 'timeout']);
  const failed = sumOverRange(`${prefix}${CATALOGUE.clientFailedRequests.name}{${kinds}}`, over);
  const calls = sumOverRange(prefix + CATALOGUE.clientRequests.name, over);
  const client = `{{ $labels.${LABEL.clientName} }}`;
  return createAlert(
    {
      alert: DOWN_ALERT,
      expr: `${failed} / (${calls} >= 10) > 0.9\nand on (job)\n(${servingJobs(methods, storage)})`,
      urgency: 'ticket',
      summary: `The dependency ${client} of ${JOB} does not answer`,
      description:
        `{{ $value | humanizePercentage }} of the calls of the client ${client} (job ${JOB}) to ${SERVICE} ` +
        'failed in the last 5m because the connection failed or the reply did not arrive in time.',
    },
    defaults,
  );
}

/** Returns a sample for each job that runs a declared method. */
function servingJobs(methods: readonly DeclaredMethod[], storage: HistogramStorage): string {
  const counted = methods.flatMap((method) => {
    const { calls } = callMetrics(method);
    return calls === undefined ? [] : [{ service: method.service, calls }];
  });
  return [...groupBy(counted, ({ calls }) => calls.name).values()]
    .flatMap((group) => {
      const services = [...new Set(group.map(({ service }) => service))];
      const matchers = anyOf(LABEL.service, services);
      const [first] = group;
      if (first === undefined) return [];
      return [callsExpression(first.calls, { matchers, by: 'job', storage })('5m')];
    })
    .join(' or ');
}
