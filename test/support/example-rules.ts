import { CalculatorHandler } from '../../examples/calculator/handler';
import {
  createPrometheusRules,
  type PrometheusRules,
  type PrometheusRulesOptions,
} from '../../src/dashboards';
import { getDeclaredMetrics } from '../../src/index';

/** The rules of examples/calculator. */
export function exampleRules(options: PrometheusRulesOptions = {}): PrometheusRules {
  if (getDeclaredMetrics(CalculatorHandler).length === 0) throw new Error('nothing is declared');
  return createPrometheusRules(options);
}
