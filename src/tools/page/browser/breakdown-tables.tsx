import type { JSX } from 'preact';

import { Headings } from './error-table.js';
import { formatPercentage, formatRate, formatSeconds } from './format.js';
import type { LabelBreakdown, MethodDetail } from './protocol.js';

const HEADINGS = ['Calls', 'Failed', 'Mean duration'];

/** The calls of a method by the labels that the program declares. */
export function BreakdownTables({ detail }: { readonly detail: MethodDetail }): JSX.Element | null {
  const { breakdowns } = detail;
  if (breakdowns.length === 0) return null;
  return (
    <>
      {breakdowns.map((breakdown) => (
        <BreakdownTable key={breakdown.label} breakdown={breakdown} />
      ))}
    </>
  );
}

function BreakdownTable({
  breakdown: { label, values },
}: {
  readonly breakdown: LabelBreakdown;
}): JSX.Element {
  return (
    <section class="breakdown">
      <h2>{`Calls by ${label}`}</h2>
      <table class="plain">
        <thead>
          <Headings texts={[label, ...HEADINGS]} />
        </thead>
        <tbody>
          {values.map(({ value, rate, failedRatio, mean }) => (
            <tr key={value === null ? 'others' : `=${value}`}>
              <th scope="row">{nameOf(value)}</th>
              <td class="number">{formatRate(rate)}</td>
              <td class="number">{formatPercentage(failedRatio)}</td>
              <td class="number">{formatSeconds(mean)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function nameOf(value: string | null): string {
  if (value === null) return 'other values';
  return value === '' ? '(empty)' : value;
}
