import type { JSX } from 'preact';

import { BreakableName } from './breakable-name.js';
import { formatPercentage, formatRate, withNoun } from './format.js';
import { flag } from './method-line.js';
import type { CallerRow, Overview, Time } from './protocol.js';
import { Sparkline } from './sparkline.js';

/** What calls the services of the program, by the names that the callers send. */
export function CallerTable({ overview }: { readonly overview: Overview }): JSX.Element | null {
  const { callers, omittedCallers, times } = overview;
  if (callers.length === 0) return null;
  return (
    <section class="methods callers" aria-labelledby="callers">
      <h2 id="callers" tabIndex={-1}>
        Callers
      </h2>
      <table role="table" aria-labelledby="callers" class="method-table">
        <thead role="rowgroup">
          <tr role="row">
            <Heading column="method" text="Caller" />
            <Heading column="rate" text="Calls" />
            <Heading column="failedRatio" text="Failed" />
          </tr>
        </thead>
        <tbody role="rowgroup">
          {callers.toSorted(byCalls).map((caller) => (
            <CallerLine key={`${caller.service} ${caller.caller}`} caller={caller} times={times} />
          ))}
        </tbody>
      </table>
      {omittedCallers > 0 && (
        <p class="note">{`Not shown because the history is full: ${withNoun(omittedCallers, 'more caller')}.`}</p>
      )}
    </section>
  );
}

function Heading({
  column,
  text,
}: {
  readonly column: string;
  readonly text: string;
}): JSX.Element {
  return (
    <th role="columnheader" scope="col" data-column={column}>
      <span>{text}</span>
    </th>
  );
}

function CallerLine({
  caller: { service, caller, rate, rates, failedRatio, failedRatios },
  times,
}: {
  readonly caller: CallerRow;
  readonly times: readonly Time[];
}): JSX.Element {
  return (
    <tr role="row" class="line" data-errors={flag((failedRatio ?? 0) > 0)}>
      <th role="rowheader" scope="row">
        <span class="method">
          <BreakableName name={caller} />
        </span>
        <span class="service">
          {' calls '}
          <BreakableName name={service} />
        </span>
      </th>
      <td role="cell" data-column="rate" data-heading="Calls">
        <Sparkline times={times} trend={rates} />
        <span class="figure">{formatRate(rate)}</span>
      </td>
      <td role="cell" data-column="failedRatio" data-heading="Failed">
        <Sparkline times={times} trend={failedRatios} kind="bad" most={0.01} />
        <span class="figure">{formatPercentage(failedRatio)}</span>
      </td>
    </tr>
  );
}

/** The callers with the most calls first, and equal ones by name. */
function byCalls(a: CallerRow, b: CallerRow): number {
  const [left, right] = [`${a.caller} ${a.service}`, `${b.caller} ${b.service}`];
  return (b.rate ?? 0) - (a.rate ?? 0) || (left < right ? -1 : Number(left > right));
}
