import { Registry } from 'prom-client';
import { expect, it } from 'vitest';

import { declaredMethods } from '../../../src/declaration/describe';
import { configureMetrics, Instrumented, Objective } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { objectiveSubjects } from '../../../src/slo/objective-subject';
import { createBudgets } from '../../../src/tools/page/budgets';
import { History, MAX_METHODS } from '../../../src/tools/page/history';
import { methodKey } from '../../../src/tools/page/method-reader';
import { readObjectives } from '../../../src/tools/page/objective-state';
import { createWindow } from '../../../src/tools/page/timeline';

/** A class whose methods, one more than the page records, share an objective. */
class WideHandler {}
for (let i = 0; i <= MAX_METHODS; i++) {
  Object.defineProperty(WideHandler.prototype, `method${i}`, {
    value: () => {},
    configurable: true,
    writable: true,
  });
}
const shared = Objective({ availability: 0.9, scope: 'service' }) as ClassDecorator;
Instrumented({ service: 'Wide' })(WideHandler);
shared(WideHandler);

it('a budget is unknown if the page does not record all methods that share it', () => {
  configureMetrics({ registry: new Registry() });
  const history = new History(currentRuntime(), 451, 0);
  history.sample(0);
  const handler = new WideHandler() as Record<string, () => void>;
  handler['method0']?.();
  history.sample(2000);
  expect([...history.omittedMethods]).toEqual([methodKey('Wide', `method${MAX_METHODS}`)]);

  const window = createWindow(history.timeline, 60, null);
  const methods = declaredMethods(currentRuntime());
  const [subject] = objectiveSubjects(methods);
  if (subject === undefined) throw new Error('no objective');
  expect(createBudgets(history, subject, window)).toEqual([
    {
      objective: '90 % of calls to the service do not fail, except by declared exceptions',
      unknownReason: 'the page records 200 methods, and not all that the objective covers',
      inWindow: null,
      inHistory: null,
      sinceStart: null,
    },
  ]);
  const { count, budgets } = readObjectives(methods, history, window);
  expect(count).toEqual({ missed: 0, known: 0, total: 1 });
  expect(budgets.size).toBe(0);
  history.close();
});
