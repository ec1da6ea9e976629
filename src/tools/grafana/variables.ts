import { LABEL } from '../../metrics/catalogue';
import type { BuiltInMetrics } from './built-in-metrics';
import type { DeclaredFamilies } from './declared-families';
import { anyOf } from './expressions';
import type { GrafanaDataSource, GrafanaVariable } from './model';

/** Choices for the maximum number of lines in a panel. */
const LINES: readonly string[] = ['5', '10', '20', '50', '100'];
const DEFAULT_LINES = '10';

/** Creates the selections at the top of the dashboard. The values of each depend on the selections before it. */
export function createVariables(
  { counted, countedByTimed }: DeclaredFamilies,
  builtIn: BuiltInMetrics,
): GrafanaVariable[] {
  const calls = [
    ...counted.map(({ name }) => name),
    ...countedByTimed.flatMap(({ name }) => [name, `${name}_count`]),
    builtIn.nameOf('messages'),
  ];
  const jobs = [...calls, builtIn.nameOf('clientRequests')];
  return [
    {
      type: 'datasource',
      name: 'datasource',
      label: 'Data source',
      description: 'Prometheus data source that scrapes the services.',
      query: 'prometheus',
      multi: false,
      includeAll: false,
      refresh: 1,
    },
    listOf('job', 'Job', 'Scrape jobs with Thrift metrics.', selector(jobs), 'job'),
    listOf(
      'instance',
      'Instance',
      'Processes of these jobs.',
      selector(jobs, 'job=~"$job"'),
      'instance',
    ),
    listOf(
      'service',
      'Service',
      'Thrift services of these processes.',
      selector(calls, 'job=~"$job", instance=~"$instance"'),
      LABEL.service,
    ),
    listOf(
      'method',
      'Method',
      'Methods of these services.',
      selector(calls, `job=~"$job", instance=~"$instance", ${LABEL.service}=~"$service"`),
      LABEL.method,
    ),
    {
      type: 'custom',
      name: 'top',
      label: 'Lines',
      description:
        'Maximum number of lines in a panel. The methods with the largest values over the time range are shown.',
      query: LINES.join(','),
      multi: false,
      includeAll: false,
      current: { text: DEFAULT_LINES, value: DEFAULT_LINES },
      options: LINES.map((lines) => ({
        selected: lines === DEFAULT_LINES,
        text: lines,
        value: lines,
      })),
    },
  ];
}

function selector(names: readonly string[], ...matchers: string[]): string {
  return `{${[`__name__=~${anyOf(names)}`, ...matchers].join(', ')}}`;
}

function listOf(
  name: string,
  label: string,
  description: string,
  series: string,
  labelName: string,
): GrafanaVariable {
  const query = `label_values(${series}, ${labelName})`;
  return {
    type: 'query',
    name,
    label,
    description,
    datasource: DATA_SOURCE,
    definition: query,
    query: { query, refId: 'PrometheusVariableQueryEditor-VariableQuery', qryType: 1 },
    multi: true,
    includeAll: true,
    // Shorter than the list of all values, which Grafana uses otherwise. Jobs need the list, because every program has `up`.
    ...(name !== 'job' && { allValue: '.*' }),
    refresh: 2,
    sort: 1,
    current: { text: ['All'], value: ['$__all'] },
  };
}

/** The data source that is selected in the dashboard. */
export const DATA_SOURCE: GrafanaDataSource = { type: 'prometheus', uid: '${datasource}' };
