import { LABEL } from '../../metrics/catalogue';
import { type DeclaredFamilies, metricName } from './declared-families';
import type { GrafanaDataSource, GrafanaVariable } from './model';
import { anyOf } from './queries';

/** How many lines a panel of methods may have. */
const LINES = ['5', '10', '20', '50', '100'] as const;
const DEFAULT_LINES = '20';

/** The choices at the top of the dashboard; each list depends on what is chosen before it. */
export function createVariables({ counted, countedByTimed }: DeclaredFamilies): GrafanaVariable[] {
  const calls = [
    ...counted.map(({ name }) => name),
    ...countedByTimed.flatMap(({ name }) => [name, `${name}_count`]),
    metricName('messages'),
  ];
  const jobs = [...calls, metricName('clientRequests')];
  return [
    {
      type: 'datasource',
      name: 'datasource',
      label: 'Data source',
      description: 'The Prometheus that has scraped the services.',
      query: 'prometheus',
      multi: false,
      includeAll: false,
      refresh: 1,
    },
    listOf('job', 'Job', 'Scrape jobs of Prometheus.', selector(jobs), 'job'),
    listOf(
      'instance',
      'Instance',
      'Processes that Prometheus scrapes.',
      selector(jobs, 'job=~"$job"'),
      'instance',
    ),
    listOf(
      'service',
      'Service',
      'Thrift services that these processes serve.',
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
      description: 'How many methods a panel shows at most: those with the largest values.',
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
    // Not the list of all values, which makes long queries where there are many.
    allValue: '.*',
    refresh: 2,
    sort: 1,
    current: { text: ['All'], value: ['$__all'] },
  };
}

/** The one that is chosen in the dashboard. */
export const DATA_SOURCE: GrafanaDataSource = { type: 'prometheus', uid: '${datasource}' };
