import type { JSX } from 'preact';

import { HEADINGS, type FigureColumn } from './columns.js';
import {
  formatAge,
  formatBudget,
  formatCount,
  formatPercentage,
  formatPercentile,
  formatRate,
} from './format.js';
import { hangs, missesObjective, troublingRatio } from './trouble.js';
import type { MethodRow, Time } from './protocol.js';
import { Sparkline } from './sparkline.js';

/** The cells of a row after its name. */
export function FigureCells({
  row,
  figures,
  times,
}: {
  readonly row: MethodRow;
  readonly figures: readonly FigureColumn[];
  readonly times: readonly Time[];
}): JSX.Element {
  const texts = textsOf(row);
  return (
    <>
      {figures.map((column) => {
        const isAlarming = alarms(row, column);
        return (
          <td
            key={column}
            role="cell"
            data-column={column}
            data-heading={HEADINGS[column]}
            data-alarming={isAlarming ? '' : undefined}
          >
            {trendOf(row, column, times)}
            {/* Marks what is wrong with a symbol too, not by color alone. */}
            <span class="figure">{`${isAlarming ? '▲ ' : ''}${texts[column]}`}</span>
          </td>
        );
      })}
    </>
  );
}

function alarms(row: MethodRow, column: FigureColumn): boolean {
  switch (column) {
    case 'failedRatio':
      return row.badRatio === null && (troublingRatio(row) ?? 0) > 0;
    case 'badRatio':
      return (row.badRatio ?? 0) > 0;
    case 'oldest':
      return hangs(row);
    case 'budget':
      return missesObjective(row);
    default:
      return false;
  }
}

function textsOf(row: MethodRow): Readonly<Record<FigureColumn, string>> {
  return {
    rate: formatRate(row.rate),
    failedRatio: formatPercentage(row.failedRatio),
    badRatio: formatPercentage(row.badRatio),
    p50: formatPercentile(row.p50, row),
    p95: formatPercentile(row.p95, row),
    p99: formatPercentile(row.p99, row),
    inFlight: formatCount(row.inFlight),
    oldest: formatAge(row.oldest),
    budget: formatBudget(row.budget),
  };
}

function trendOf(row: MethodRow, column: FigureColumn, times: readonly Time[]): JSX.Element | null {
  switch (column) {
    case 'rate':
      return <Sparkline times={times} trend={row.rates} />;
    case 'failedRatio':
      return <Sparkline times={times} trend={row.failedRatios} kind="bad" most={0.01} />;
    case 'p99':
      return <Sparkline times={times} trend={row.p99s} />;
    default:
      return null;
  }
}
