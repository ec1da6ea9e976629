import type { DeclaredMethod } from '../../declaration/describe';
import { LABEL } from '../../metrics/catalogue';
import { callMetrics } from '../../slo/objective-indicator';
import { selector } from '../promql';
import type { SignalKind } from './anomaly-signals';
import type { TestSeries } from './test-histories';

/** The calls to a method in one minute. */
interface Traffic {
  readonly calls: number;
  /** Fraction of calls that fail. */
  readonly failed: number;
  /** Fraction of calls that take longer than {@link FAST}. */
  readonly slow: number;
}

/** Part of a history with samples. Bands compare with a day and a week before, so a history needs only these times. */
type Day = 'last week' | 'yesterday' | 'today';

/** Where the parts begin, in minutes. */
const DAYS: Readonly<Record<Day, number>> = {
  'last week': 0,
  yesterday: 6 * 24 * 60,
  today: 7 * 24 * 60,
};

/** Minutes from the beginning of each part until something happens today. Bands then have their four hours. */
const BEFORE = 300;

/** When something happens, in minutes of the history. */
export const EVENT = DAYS.today + BEFORE;

/** Minutes from the beginning of each part to its end. */
const LENGTH = BEFORE + 60;

/** Bounds of the two finite buckets, in seconds. */
const FAST = 0.1;
const SLOW = 0.4;

const NORMAL: Traffic = { calls: 6000, failed: 0.01, slow: 0.005 };

/** How a deployment of a method behaves. Each is a job of its own. */
export interface AnomalyScenario {
  readonly job: string;
  /** The value whose alert fires. Null if all alerts are silent. */
  readonly fires: SignalKind | null;
  /** The processes. Their calls are equal. A process that does not run has no traffic. */
  readonly instances: readonly ((minute: number, day: Day) => Traffic | null)[];
}

const isOver = (minute: number, day: Day): boolean => day === 'today' && minute > BEFORE;

function scenario(
  job: string,
  fires: SignalKind | null,
  ...instances: AnomalyScenario['instances']
): AnomalyScenario {
  return { job, fires, instances };
}

/** A process that restarts some minutes after the event, is away for two minutes, and then slow and failing for one. */
const restarting =
  (after: number) =>
  (minute: number, day: Day): Traffic | null => {
    const since = minute - BEFORE - after;
    const half = { ...NORMAL, calls: NORMAL.calls / 2 };
    if (day !== 'today' || since <= 0 || since > 3) return half;
    return since === 3 ? { ...half, failed: 0.05, slow: 0.5 } : null;
  };

/** Changes by a fifth during a part, and by half in a week. */
function growing(minute: number, day: Day): Traffic {
  const level = { 'last week': 0.67, yesterday: 0.94, today: 1 }[day];
  const grown = level * (1 + 0.02 * Math.floor(minute / 30));
  return { calls: Math.round(6000 * grown), failed: 0.01 * grown, slow: 0.02 * grown };
}

/** Yesterday was a working day. On the day of last week, as today, calls are few, fail more often, and triple at one time. */
function weekly(minute: number, day: Day): Traffic {
  if (day === 'yesterday') return NORMAL;
  return { calls: minute > BEFORE ? 4500 : 1500, failed: 0.03, slow: 0.03 };
}

/** In the evening there are more calls, and four times as many of them fail. */
function nightly(minute: number, day: Day): Traffic {
  if (minute < 120) return { ...NORMAL, failed: 0.04 };
  return { ...NORMAL, calls: 600, failed: isOver(minute, day) ? 0.02 : 0.01 };
}

/** Hardly any calls, and after the event a few more, half of which fail slowly. */
function rare(minute: number, day: Day): Traffic {
  if (isOver(minute, day)) return { calls: minute % 3 === 0 ? 4 : 2, failed: 0.5, slow: 0.5 };
  return { calls: minute % 3 === 0 ? 1 : 0, failed: 0, slow: 0 };
}

export const ANOMALY_SCENARIOS: readonly AnomalyScenario[] = [
  scenario('weekly-rhythm', null, weekly),
  scenario('deploy', null, restarting(0), restarting(1)),
  scenario('slow-growth', null, growing),
  scenario('few-calls', null, rare),
  scenario('failures-double-at-night', 'failures', nightly),
  scenario('latency-step', 'latency', (minute, day) => ({
    ...NORMAL,
    slow: isOver(minute, day) ? 0.2 : NORMAL.slow,
  })),
  scenario('silent-client', 'rate', (minute, day) => ({
    ...NORMAL,
    calls: isOver(minute, day) ? 0 : NORMAL.calls,
  })),
];

/** Returns the series of a method in a scenario, one sample a minute. Histograms have classic buckets. */
export function scenarioSeries(
  declared: DeclaredMethod,
  { job, instances }: AnomalyScenario,
): TestSeries[] {
  const { service, method } = declared;
  const { calls, failures, latency } = callMetrics(declared);
  return instances.flatMap((trafficAt, i) => {
    const of = (
      name: string,
      count: (traffic: Traffic) => number,
      ...labels: string[]
    ): TestSeries => ({
      series: selector(
        name,
        { service, method },
        ...labels,
        `job="${job}"`,
        `instance="${i + 1}:8000"`,
      ),
      values: counterOf((minute, day) => {
        const traffic = trafficAt(minute, day);
        return traffic === null ? null : count(traffic);
      }),
    });
    const bucket = (name: string, le: number | '+Inf', count: (traffic: Traffic) => number) =>
      of(`${name}_bucket`, count, `${LABEL.success}="true"`, `le="${le}"`);
    const all = (traffic: Traffic): number => traffic.calls;
    return [
      ...(calls?.kind === 'counted' ? [of(calls.name, all)] : []),
      ...(calls?.kind === 'timed'
        ? [of(`${calls.name}_count`, all, `${LABEL.success}="true"`)]
        : []),
      ...(failures?.by === 'kind'
        ? [
            of(
              failures.name,
              (traffic) => traffic.calls * traffic.failed,
              `${LABEL.exceptionKind}="undeclared"`,
            ),
          ]
        : []),
      ...(latency === undefined
        ? []
        : [
            bucket(latency.name, FAST, (traffic) => traffic.calls * (1 - traffic.slow)),
            bucket(latency.name, SLOW, all),
            bucket(latency.name, '+Inf', all),
          ]),
    ];
  });
}

/** Writes a counter in the notation of promtool: runs of minutes with the same increase, and gaps between the days. */
function counterOf(increaseAt: (minute: number, day: Day) => number | null): string {
  let end = 0;
  return (Object.entries(DAYS) as [Day, number][])
    .map(([day, start]) => {
      const gap = start === end ? '' : `_x${start - end} `;
      end = start + LENGTH + 1;
      const increases = Array.from({ length: LENGTH + 1 }, (_, minute) => increaseAt(minute, day));
      return gap + runsOf(increases);
    })
    .join(' ');
}

function runsOf(increases: readonly (number | null)[]): string {
  const runs: { readonly increase: number | null; length: number }[] = [];
  for (const increase of increases) {
    const last = runs.at(-1);
    if (last?.increase === increase) last.length += 1;
    else runs.push({ increase, length: 1 });
  }
  let total = 0;
  return runs
    .map(({ increase, length }) => {
      if (increase === null) {
        // The process ends, and its counters with it.
        total = 0;
        return `_x${length}`;
      }
      const first = total + increase;
      total += length * increase;
      return `${rounded(first)}+${rounded(increase)}x${length - 1}`;
    })
    .join(' ');
}

function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
