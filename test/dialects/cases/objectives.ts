import assert from 'node:assert/strict';

import { Counted, getDeclaredMetrics, Instrumented, Objective, Timed } from 'thrift-metrics';

import type { Case } from './kit.js';

const CLASS = { availability: 0.999 } as const;
const OWN = { latency: { target: 0.9, within: 0.25 }, window: '7d' } as const;

@Instrumented
@Objective(CLASS)
class ObjectiveHandler {
  inherits() {}

  @Objective(OWN)
  @Counted
  @Timed
  above() {}

  @Counted
  @Timed
  @Objective(OWN)
  below() {}

  @Objective(OWN)
  alone() {}

  @Objective(OWN)
  static fixed() {}
}

class UnnamedObjectiveHandler {
  @Counted
  @Objective(CLASS)
  counted() {}
}

function objectivesOf(handler: object): Record<string, unknown> {
  return Object.fromEntries(
    getDeclaredMetrics(handler).map(({ method, objective }) => [method, objective]),
  );
}

const ofClass = { ...CLASS, window: '30d', declaredExceptionsAreErrors: false };
const own = { ...OWN, declaredExceptionsAreErrors: false };

export const cases: Case[] = [
  {
    name: 'an objective applies to its class, except for methods with their own objectives',
    run() {
      assert.deepEqual(objectivesOf(ObjectiveHandler), {
        inherits: ofClass,
        above: own,
        below: own,
        alone: own,
        fixed: own,
      });
    },
  },
  {
    name: 'an objective on a method needs no decorator on the class',
    run() {
      assert.deepEqual(objectivesOf(UnnamedObjectiveHandler), { counted: ofClass });
    },
  },
  {
    name: 'an objective whose bound is not a bucket fails the class statement',
    run() {
      assert.throws(
        () => {
          @Instrumented
          class WrongHandler {
            @Objective({ latency: { target: 0.9, within: 0.3 } })
            add() {}
          }
          return WrongHandler;
        },
        { code: 'TM_ERR_OBJECTIVE', message: /nearest buckets are 0\.25 and 0\.5/ },
      );
    },
  },
];
