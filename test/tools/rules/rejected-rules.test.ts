import { beforeEach, describe, expect, test } from 'vitest';

import { declarationsOf } from '../../../src/declaration/declarations';
import { currentRuntime } from '../../../src/runtime/runtime';
import { createPrometheusRules } from '../../../src/dashboards';
import {
  Counted,
  ErrorsCounted,
  Instrumented,
  instrumentHandler,
  NotInstrumented,
  Objective,
  Timed,
  type ObjectiveOptions,
} from '../../../src/index';
import { errorOf } from '../../support/error-of';

const availability: ObjectiveOptions = { availability: 0.99 };
const latency: ObjectiveOptions = { latency: { target: 0.9, within: 0.5 } };

test.each([
  ['availability', 'calls', '@Counted', availability, ErrorsCounted],
  ['availability', 'errors', '@ErrorsCounted', availability, Counted],
  ['latency', 'latency', '@Timed', latency, Counted],
] as const)(
  'an objective for %s is rejected when nothing records the %s, and the message suggests %s',
  (option, missing, asked, objective, decorator) => {
    declarationsOf(currentRuntime()).methods.clear();
    class BlindHandler {
      @Objective(objective)
      @decorator
      static see() {}
    }
    BlindHandler.see();

    const { code, message } = errorOf(() => createPrometheusRules());
    expect(code).toBe('TM_ERR_OBJECTIVE');
    expect(message).toBe(
      `@Objective on BlindHandler.see: the ${option} objective has no effect because nothing records the ${missing} ` +
        `of the method. Add ${asked} or @Instrumented, or give the method its own objective without '${option}'.`,
    );
  },
);

describe('an objective where nothing is measured', () => {
  beforeEach(() => {
    declarationsOf(currentRuntime()).methods.clear();
    declarationsOf(currentRuntime()).unmeasured.clear();
  });

  test('an objective on a method is rejected until something measures the method', () => {
    class UnseenHandler {
      @Objective(availability)
      add() {}
    }
    const { code, message } = errorOf(() => createPrometheusRules());
    expect(code).toBe('TM_ERR_OBJECTIVE');
    expect(message).toMatch(
      /^@Objective on method add .*the method records no metrics\. Add @Instrumented/,
    );

    instrumentHandler(new UnseenHandler());
    expect(createPrometheusRules().groups.length).toBeGreaterThan(0);
  });

  test('an objective on a method with NotInstrumented is rejected', () => {
    @Instrumented
    class PartlyHandler {
      @Objective(availability)
      @NotInstrumented
      add() {}

      ping() {}
    }
    expect(PartlyHandler.name).toBe('PartlyHandler');
    expect(errorOf(() => createPrometheusRules()).code).toBe('TM_ERR_OBJECTIVE');
  });

  test('an objective on a class is rejected until something measures one of its methods', () => {
    @Objective(availability)
    class UnmeasuredHandler {
      add() {}
    }
    expect(errorOf(() => createPrometheusRules()).message).toMatch(
      /^@Objective on UnmeasuredHandler: .*the method records no metrics/,
    );
    Instrumented(UnmeasuredHandler);
    expect(createPrometheusRules().groups.length).toBeGreaterThan(0);
  });

  test('an objective on a class is accepted when all its methods have their own objectives', () => {
    @Instrumented
    @Objective(availability)
    class OwnHandler {
      @Objective(latency)
      add() {}
    }
    expect(OwnHandler.name).toBe('OwnHandler');
    expect(createPrometheusRules().groups.length).toBeGreaterThan(0);
  });
});

test('without declarations there are no rule groups', () => {
  declarationsOf(currentRuntime()).methods.clear();
  expect(createPrometheusRules()).toEqual({ groups: [] });
});

test('no alert watches for missing series when every series depends on the call', () => {
  declarationsOf(currentRuntime()).methods.clear();
  const labels = { shard: () => 'a' };
  class LabelledHandler {
    @Objective(latency)
    @Timed({ labels })
    static see() {}
  }
  LabelledHandler.see();

  const rules = createPrometheusRules().groups.flatMap((group) => group.rules);
  const alerts = rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : []));
  expect(new Set(alerts)).toEqual(
    new Set([
      'ThriftLatencyBudgetBurn',
      'ThriftCallsStopped',
      'ThriftRepliesLost',
      'ThriftDependencyDown',
    ]),
  );
});
