import type { DeclaredMethod } from '../../declaration/describe';
import type { Runtime } from '../../runtime/runtime';
import { BuiltInMetrics } from '../grafana/built-in-metrics';
import { declaredFamilies } from '../grafana/declared-families';
import { HandlerQueries } from '../grafana/handler-queries';
import { spellLabels } from '../label-spelling';
import { matchersOf } from '../promql';
import type { Queries } from './browser/protocol';

/** Works with every scrape interval up to a minute. */
const RANGE = '5m';

/** The expressions with which the dashboard shows the figures of a method, for this method alone. */
export function queriesOf(
  runtime: Runtime,
  { service, method }: { readonly service: string; readonly method: string },
  declared: DeclaredMethod | undefined,
): Queries {
  const { settings } = runtime;
  const builtIn = new BuiltInMetrics(settings, 'any');
  // For a method that only workers declare, these are the built-in metrics, as in the dashboard.
  const families = declaredFamilies(declared === undefined ? [] : [declared], builtIn);
  const matchers = matchersOf({ service, method });
  const failedRequests = declared?.failedRequests ?? builtIn.nameOf('failedRequests');
  const queries = new HandlerQueries(families, failedRequests, 'any', matchers);
  const latency = (quantile: number): string | null => queries.latency(quantile, RANGE) ?? null;
  const found: Queries = {
    rate: queries.calls(RANGE) ?? null,
    failedRatio: queries.ratio('failed', RANGE) ?? null,
    badRatio: queries.ratio('bad', RANGE) ?? null,
    p50: latency(0.5),
    p95: latency(0.95),
    p99: latency(0.99),
  };
  return spellLabels(found, settings.labelNames);
}
