import { LABEL } from '../../../catalogue';
import type { RowDraft } from '../arrange';
import type { HandlerQueries } from '../handler-queries';
import { RANGE } from '../promql';
import { tablePanel } from '../table-panel';
import { ERROR_THRESHOLDS } from './overview';

/** All methods in one table, over the whole time range: the place to look for what is wrong. */
export function slowestMethodsRow(handlers: HandlerQueries, uid: string): RowDraft {
  return {
    title: 'Slowest methods',
    collapsed: false,
    panels: [
      tablePanel({
        title: 'Methods by latency',
        description:
          'Every method over the time range that is shown, the slowest first; a click on another title sorts by that column. A click on a method shows that method alone in the whole dashboard.',
        unit: 'short',
        labels: { [LABEL.service]: 'Service', [LABEL.method]: 'Method' },
        values: [
          { title: 'p50', unit: 's', expr: handlers.latency(0.5, RANGE) },
          { title: 'p95', unit: 's', expr: handlers.latency(0.95, RANGE) },
          { title: 'p99', unit: 's', expr: handlers.latency(0.99, RANGE) },
          { title: 'Calls per second', unit: 'reqps', expr: handlers.calls(RANGE) },
          {
            title: 'Error ratio',
            unit: 'percentunit',
            expr: handlers.errorShare('undeclared', RANGE),
            thresholds: ERROR_THRESHOLDS,
          },
        ],
        sortBy: { title: 'p95', descending: true },
        links: {
          Method: {
            title: 'Show this method alone',
            url: `/d/${uid}?\${datasource:queryparam}&\${job:queryparam}&\${instance:queryparam}&var-service=\${__data.fields.Service}&var-method=\${__data.fields.Method}&\${__url_time_range}`,
          },
        },
      }),
    ],
  };
}
