import { LABEL } from '../../catalogue';
import { finding, type Finding } from './check-rules';
import { groupBy } from '../../group-by';
import { handlerMetricKind } from '../scrape/handler-metric';
import { methodOf } from '../scrape/method-of';
import type { MetricFamily } from '../scrape/parse-exposition';
import type { Sample } from '../scrape/parse-sample';

const OF_METHOD: readonly string[] = [LABEL.service, LABEL.method];
const OF_OUTCOME: readonly string[] = [LABEL.success, LABEL.exceptionKind, LABEL.exceptionType];
const BUILT_IN = new Set([...OF_METHOD, ...OF_OUTCOME, 'le', 'quantile']);

/**
 * Methods that have some of the series that stand at 0 together once a class is defined, and lack others. Where a label
 * depends on the call, series are made by calls, and nothing can be missing: those are passed over.
 */
export function* lintZeroSeries(families: readonly MetricFamily[]): Generator<Finding> {
  const ofHandlers = families.filter((family) => handlerMetricKind(family) !== null);
  const shared = sharedLabels(ofHandlers.flatMap(({ samples }) => samples));
  const isConstant = ({ labels }: Sample): boolean =>
    [...labels].every(([name, value]) => BUILT_IN.has(name) || shared.get(name) === value);
  for (const family of ofHandlers) {
    const kind = handlerMetricKind(family);
    const { name } = family;
    const methods = groupBy(family.samples.filter(isConstant), methodOf);
    for (const [method, samples] of methods) {
      if (kind === 'timed') {
        for (const success of ['true', 'false']) {
          if (!samples.some(({ labels }) => labels.get(LABEL.success) === success)) {
            yield finding(
              'missing-zero',
              name,
              `${method}: no series ${LABEL.success}="${success}"`,
            );
          }
        }
      } else if (kind === 'errorsCounted' && !samples.some(isFirstError)) {
        const series = `${LABEL.exceptionKind}="undeclared", ${LABEL.exceptionType}="Error"`;
        yield finding('missing-zero', name, `${method}: no series ${series}`);
      }
    }
  }
}

function isFirstError({ labels }: Sample): boolean {
  return (
    labels.get(LABEL.exceptionKind) === 'undeclared' && labels.get(LABEL.exceptionType) === 'Error'
  );
}

/** Labels that all series have with the same value, as default labels are. */
function sharedLabels([first, ...others]: readonly Sample[]): ReadonlyMap<string, string> {
  const shared = new Map(first?.labels);
  for (const { labels } of others) {
    for (const [name, value] of shared) if (labels.get(name) !== value) shared.delete(name);
  }
  return shared;
}
