import { LABEL } from '../../../metrics/catalogue';
import type { BuiltInMetrics } from '../built-in-metrics';
import {
  largest,
  OF_CHOSEN_SERVICE,
  OF_INSTANCE,
  type OverRange,
  RANGE,
  sumOfRate,
} from '../expressions';
import type { RowDraft } from '../layout';
import { nodeGraphPanel, timeSeriesPanel } from '../panels';

const { caller, service } = LABEL;
const BY = `${caller}, ${service}`;
const LEGEND = `{{${caller}}} → {{${service}}}`;

/** Shows who calls the selected services, by the names that the callers send. */
export function callersRow(builtIn: BuiltInMetrics): RowDraft {
  const rateOf = (key: 'callerRequests' | 'callerFailedRequests', by = BY): OverRange => {
    const series = `${builtIn.nameOf(key)}{${OF_INSTANCE}, ${OF_CHOSEN_SERVICE}}`;
    return (range) => sumOfRate(by, series, range);
  };
  const calls = rateOf('callerRequests');
  const failed = rateOf('callerFailedRequests');
  return {
    title: 'Callers',
    collapsed: true,
    panels: [
      nodeGraphPanel({
        title: 'Who calls whom',
        description:
          'Calls per second between callers and services over the time range. A service shows the calls that it receives, and a program that only calls others shows the calls that it makes.',
        unit: 'reqps',
        nodes: nodesOf(
          rateOf('callerRequests', service)(RANGE),
          rateOf('callerRequests', caller)(RANGE),
        ),
        edges: edgesOf(calls(RANGE)),
      }),
      timeSeriesPanel({
        title: 'Calls by caller',
        description:
          'Calls per second of each caller of each service. Callers beyond the series limit are shown as _other, and calls without a caller name, if they are counted, as _unknown. Shows the callers with the most calls.',
        unit: 'reqps',
        width: 12,
        queries: [{ expr: largest(calls), legend: LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Failed calls by caller',
        description:
          'Fraction of the calls of each caller that fail in the handler, including declared exceptions; 0 without calls. Shows the callers with the highest fraction.',
        unit: 'percentunit',
        width: 12,
        queries: [
          { expr: largest((range) => failedRatio(failed(range), calls(range))), legend: LEGEND },
        ],
      }),
    ],
  };
}

/** Missing where failed calls are not counted, which would otherwise look as if no call had failed. */
function failedRatio(failed: string, calls: string): string {
  return `(${failed} / (${calls} > 0) or 0 * ${failed})`;
}

/** One node per name. A service that also calls others has the number of a service. */
function nodesOf(received: string, made: string): string {
  const nodes = (rate: string, label: string): string =>
    `sum by (id, title) (${joined(joined(`${rate} > 0`, 'id', [label]), 'title', [label])})`;
  return `${nodes(received, service)} or ${nodes(made, caller)}`;
}

function edgesOf(calls: string): string {
  const withSource = joined(`${calls} > 0`, 'source', [caller]);
  const withTarget = joined(withSource, 'target', [service]);
  return `sum by (id, source, target) (${joined(withTarget, 'id', [caller, service])})`;
}

/** Adds a label with the values of others. Names hardly ever contain the line break between them. */
function joined(vector: string, label: string, labels: readonly string[]): string {
  const names = labels.map((name) => `"${name}"`).join(', ');
  return `label_join(${vector}, "${label}", "\\n", ${names})`;
}
