import { type DeclaredMethod, declaredMethods } from '../../declaration/describe';
import { LABEL } from '../../metrics/catalogue';
import { currentRuntime } from '../../runtime/runtime';
import { spellLabels } from '../label-spelling';
import { quote } from '../promql';
import type { Urgency } from './alert';
import {
  DOWN_ALERT,
  HANG_ALERT,
  hangLimits,
  hasDependencyAlert,
  LOST_ALERT,
} from './condition-alerts';
import {
  type MeasuredObjective,
  measuredObjectives,
  type MeasuredTarget,
} from './measured-objectives';
import { ABSENT_ALERT, BURN_ALERTS, STOPPED_ALERT } from './objective-alerts';
import type { PrometheusRulesOptions } from './prometheus-rules';
import { OBJECTIVE_LABEL } from './recorded-series';
import { checkRulesOptions } from './rules-options';
import {
  type Behavior,
  CLIENT,
  clientSeries,
  type Counter,
  GOOD,
  messageSeries,
  methodSeries,
  steady,
  type TestSeries,
} from './test-histories';

/** The content of a test file for `promtool test rules`. */
export interface PrometheusRuleTests {
  rule_files: string[];
  evaluation_interval: string;
  tests: PrometheusRuleTest[];
}

/** One history, and the alerts that fire in it. All other alerts must be silent. */
export interface PrometheusRuleTest {
  name: string;
  interval: string;
  input_series: TestSeries[];
  promql_expr_test: {
    expr: string;
    eval_time: string;
    exp_samples: { labels: string; value: number }[];
  }[];
}

/** The labels that tell one alert from another. */
const IDENTITY: readonly string[] = [
  'alertname',
  'severity',
  LABEL.service,
  LABEL.method,
  LABEL.clientName,
  OBJECTIVE_LABEL,
  'long_window',
];

const FIRING = `count by (${IDENTITY.join(', ')}) (ALERTS{alertstate="firing"})`;

type Alert = Readonly<Record<string, string | undefined>>;

/**
 * Time between two evaluations of all rules. It is long, because one history lasts eight days. Windows are shorter, but
 * at each evaluation they contain samples: these come at shorter intervals.
 */
const EVALUATION = '1h';

/** Samples of a short history: one every 30 seconds for an hour, so that every window holds some, wherever it begins. */
const SHORT = { interval: '30s', steps: 120, end: '1h' } as const;

/** A history of eight days, whose calls stop an hour before its end. */
const LONG = { interval: '10m', stop: '8d', end: '8d1h' } as const;

/**
 * Writes a counter of the long history, one sample every ten minutes: two hours of calls a week before, two hours a day
 * before, and an hour of calls before the last one. It has gaps, because promtool evaluates all rules over all samples.
 */
const stopping: Counter = (perStep) => {
  const last = Number((6 * perStep).toPrecision(12));
  const calls = (steps: number) => steady(steps)(perStep);
  return `_x144 ${calls(11)} _x852 ${calls(11)} _x126 ${calls(6)} ${last}+0x5`;
};

/**
 * Creates tests for the rules that {@link createPrometheusRules} creates from the same options. In one history each alert
 * fires, and in another it is silent. Returns the content of a file for `promtool test rules` as plain data.
 *
 * @param ruleFile - path of the rule file, relative to the test file
 * @param options - the options of the rules
 * @throws `ThriftMetricsError` as `createPrometheusRules`
 */
export function createPrometheusRuleTests(
  ruleFile: string,
  options: PrometheusRulesOptions = {},
): PrometheusRuleTests {
  checkRulesOptions('createPrometheusRuleTests', options);
  const runtime = currentRuntime();
  const methods = declaredMethods(runtime);
  const objectives = measuredObjectives(
    methods,
    options.histograms ?? 'any',
    runtime.settings.policy,
  );
  const tests = new RuleTests(methods, objectives, runtime.settings.prefix, options);
  const created = methods.length === 0 ? [] : tests.all();
  return {
    rule_files: [ruleFile],
    evaluation_interval: EVALUATION,
    tests: spellLabels(created, runtime.settings.labelNames),
  };
}

/** Error ratios at which the same burn alerts of a target fire. */
interface BurnStage {
  /** Fraction of bad calls. */
  readonly ratio: number;
  /** Which of the burn rates are exceeded. */
  readonly fires: readonly boolean[];
}

class RuleTests {
  readonly #severity: Readonly<Record<Urgency, string>>;
  /** The age at which calls hang, in seconds, of the methods that have an alert on it. */
  readonly #hangAges: ReadonlyMap<DeclaredMethod, number>;

  constructor(
    private readonly methods: readonly DeclaredMethod[],
    private readonly objectives: readonly MeasuredObjective[],
    private readonly prefix: string,
    { pageLabels, ticketLabels }: PrometheusRulesOptions,
  ) {
    this.#severity = {
      page: pageLabels?.['severity'] ?? 'page',
      ticket: ticketLabels?.['severity'] ?? 'ticket',
    };
    this.#hangAges = new Map(
      hangLimits(methods).flatMap((limit) => limit.methods.map((method) => [method, limit.age])),
    );
  }

  all(): PrometheusRuleTest[] {
    const stopped = this.#stopped();
    return [
      ...this.#burns(),
      this.#conditions(),
      this.#absent(),
      ...(stopped === null ? [] : [stopped]),
    ];
  }

  /** One history per stage: from just below the lowest threshold to just above the highest. */
  #burns(): PrometheusRuleTest[] {
    const targets = this.objectives.flatMap(({ targets: found }) =>
      found.map((target) => ({ target, stages: stagesOf(target) })),
    );
    const count = Math.max(1, ...targets.map(({ stages }) => stages.length));
    return Array.from({ length: count }, (_, i) => {
      const behaviors = new Map<DeclaredMethod, Behavior>();
      const alerts: Alert[] = [];
      for (const { target, stages } of targets) {
        const stage = stages[Math.min(i, stages.length - 1)];
        if (stage === undefined) continue;
        const { subject, indicator } = target.expressions;
        const change =
          indicator.kind === 'availability' ? { failed: stage.ratio } : { slow: stage.ratio };
        for (const member of subject.members) {
          behaviors.set(member, { ...(behaviors.get(member) ?? GOOD), ...change });
        }
        target.rates.forEach(({ severity, long }, at) => {
          if (stage.fires[at] !== true) return;
          alerts.push({
            alertname: BURN_ALERTS[indicator.kind],
            severity: this.#severity[severity],
            [LABEL.service]: subject.service,
            [LABEL.method]: subject.method,
            [OBJECTIVE_LABEL]: indicator.kind,
            long_window: long,
          });
        });
      }
      const name =
        i === 0 ? 'all objectives are met' : `error budgets burn, rate ${i} of ${count - 1}`;
      const series = this.#series(
        (method) => ({
          ...(behaviors.get(method) ?? GOOD),
          oldest: 0.5 * (this.#hangAges.get(method) ?? 0),
        }),
        0.005,
        0.5,
      );
      return shortTest(name, series, alerts);
    });
  }

  #conditions(): PrometheusRuleTest {
    const { page, ticket } = this.#severity;
    const alerts: Alert[] = [
      ...[...this.#hangAges.keys()].map(({ service, method }) => ({
        alertname: HANG_ALERT,
        severity: page,
        [LABEL.service]: service,
        [LABEL.method]: method,
      })),
      ...this.#services().map((service) => ({
        alertname: LOST_ALERT,
        severity: ticket,
        [LABEL.service]: service,
      })),
      ...(hasDependencyAlert(this.methods)
        ? [
            {
              alertname: DOWN_ALERT,
              severity: ticket,
              [LABEL.service]: CLIENT,
              [LABEL.clientName]: CLIENT,
            },
          ]
        : []),
    ];
    const series = this.#series(
      (method) => ({ ...GOOD, oldest: 2 * (this.#hangAges.get(method) ?? 0) }),
      0.02,
      1,
    );
    return shortTest('calls hang, replies are lost, a dependency is down', series, alerts);
  }

  #absent(): PrometheusRuleTest {
    const alerts = this.objectives
      .filter(({ targets }) => targets.some(({ expressions }) => expressions.absent.length > 0))
      .map(({ subject }) => subject.service);
    return shortTest(
      'all metrics are missing',
      [{ series: 'up{job="other",instance="a:1"}', values: `1+0x${SHORT.steps}` }],
      [...new Set(alerts)].map((service) => ({
        alertname: ABSENT_ALERT,
        severity: this.#severity.page,
        [LABEL.service]: service,
      })),
    );
  }

  /** Calls stop after eight days, because the alert compares with a day and a week before. */
  #stopped(): PrometheusRuleTest | null {
    if (this.objectives.length === 0) return null;
    const { interval, stop, end } = LONG;
    const alerts = this.objectives.map(({ subject }) => ({
      alertname: STOPPED_ALERT,
      severity: this.#severity.ticket,
      [LABEL.service]: subject.service,
      [LABEL.method]: subject.method,
    }));
    return {
      name: 'calls stop after eight days',
      interval,
      input_series: this.methods.flatMap((method) =>
        methodSeries(method, GOOD, stopping, this.prefix),
      ),
      promql_expr_test: [firing(stop, []), firing(end, alerts)],
    };
  }

  #series(
    behaviorOf: (method: DeclaredMethod) => Behavior,
    lost: number,
    unanswered: number,
  ): TestSeries[] {
    const { steps } = SHORT;
    const counter = steady(steps);
    return [
      ...this.methods.flatMap((method) =>
        methodSeries(method, behaviorOf(method), counter, this.prefix),
      ),
      ...this.#services().flatMap((service) => messageSeries(service, lost, counter, this.prefix)),
      ...clientSeries(unanswered, counter, this.prefix),
    ];
  }

  #services(): string[] {
    return [...new Set(this.methods.map(({ service }) => service))];
  }
}

/** Thresholds closer to each other than this are exceeded together. */
const CLOSE = 1.02;

/** Returns the stages of a target: below all thresholds, then above one more in each. */
function stagesOf({ expressions, rates }: MeasuredTarget): BurnStage[] {
  const { target } = expressions.indicator;
  const limits = rates.map(({ factor }) => factor * (1 - target));
  const sorted = limits.toSorted((a, b) => a - b);
  const [lowest = 0] = sorted;
  const below: BurnStage = { ratio: 0.9 * lowest, fires: limits.map(() => false) };
  const above = sorted.flatMap((limit, i) => {
    const next = sorted[i + 1] ?? Infinity;
    if (next < limit * CLOSE) return [];
    const ratio = Math.min(1.05 * limit, (limit + next) / 2);
    return [{ ratio, fires: limits.map((other) => other <= limit) }];
  });
  return [below, ...above];
}

function shortTest(
  name: string,
  series: TestSeries[],
  alerts: readonly Alert[],
): PrometheusRuleTest {
  const { interval, end } = SHORT;
  return { name, interval, input_series: series, promql_expr_test: [firing(end, alerts)] };
}

/** Expects that exactly these alerts fire at a time. */
function firing(
  time: string,
  alerts: readonly Alert[],
): PrometheusRuleTest['promql_expr_test'][number] {
  return {
    expr: FIRING,
    eval_time: time,
    exp_samples: alerts.map((alert) => ({ labels: labelsOf(alert), value: 1 })),
  };
}

function labelsOf(alert: Alert): string {
  const labels = Object.entries(alert).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${quote(value)}`],
  );
  return `{${labels.join(',')}}`;
}
