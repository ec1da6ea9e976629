import { LABEL } from '../../../catalogue';
import type { RowDraft } from '../arrange';
import type { HandlerQueries } from '../handler-queries';
import { largest, METHOD_LEGEND } from '../promql';
import { timeSeriesPanel } from '../time-series-panel';

const TYPE_LABELS = `${LABEL.exceptionType}, ${LABEL.exceptionKind}`;
const TYPE_LEGEND = `{{${LABEL.exceptionType}}} ({{${LABEL.exceptionKind}}})`;

/** Which errors, and of which methods. */
export function errorsRow(handlers: HandlerQueries): RowDraft {
  const byType = handlers.errors({ by: TYPE_LABELS });
  const byMethod = handlers.errors({ kind: 'undeclared' });
  const declared = handlers.errors({ kind: 'declared' });
  return {
    title: 'Errors by type',
    collapsed: false,
    panels: [
      timeSeriesPanel({
        title: 'Errors by type',
        description:
          'Failed calls per second by the class of the error, and whether the IDL declares it: those with most.',
        unit: 'cps',
        exemplars: true,
        queries: [{ expr: byType && largest(byType), legend: TYPE_LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Undeclared errors by method',
        description:
          'Calls per second that fail with an error that the IDL does not declare: the methods with most.',
        unit: 'cps',
        exemplars: true,
        queries: [{ expr: byMethod && largest(byMethod), legend: METHOD_LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Declared exceptions by method',
        description:
          'Calls per second that end with an exception that the IDL declares: the methods with most.',
        unit: 'cps',
        exemplars: true,
        queries: [{ expr: declared && largest(declared), legend: METHOD_LEGEND }],
      }),
    ],
  };
}
