import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

import { COLUMNS, FIGURES, HEADINGS, type FigureColumn } from './columns.js';
import { formatCount, formatPercentile, formatRate, formatPercentage } from './format.js';
import { MethodView } from './method-view.js';
import type { MethodDetail, MethodRow } from './protocol.js';
import { painOf } from './sort.js';
import { Sparkline } from './sparkline.js';

/**
 * The row of one method, and the row below it that opens. The elements have explicit roles, so that screen readers still
 * find a table where the style sheet shows rows as cards.
 */
export function MethodLine({
  row,
  isOpen,
  detail,
  toggle,
}: {
  readonly row: MethodRow;
  readonly isOpen: boolean;
  /** Undefined until the server has sent it. */
  readonly detail: MethodDetail | undefined;
  readonly toggle: () => void;
}): JSX.Element {
  const id = useId();
  const { service, method, rate, failedRatio, inFlight } = row;
  const texts = textsOf(row);
  return (
    <>
      <tr
        role="row"
        class="line"
        data-failing={flag(isFailing(row))}
        data-errors={flag((failedRatio ?? 0) > 0)}
        data-idle={flag(rate === 0 && inFlight === 0)}
      >
        <th role="rowheader" scope="row">
          <button
            type="button"
            class="name"
            aria-expanded={isOpen}
            aria-controls={id}
            onClick={toggle}
          >
            {/* A single child of the button, so that screen readers read the name as one word. */}
            <span>
              <span class="service">{`${service}.`}</span>
              <span class="method">{method}</span>
            </span>
          </button>
        </th>
        {FIGURES.map((column) => (
          <td key={column} role="cell" data-column={column} data-heading={HEADINGS[column]}>
            {trendOf(row, column)}
            <span class="figure">{texts[column]}</span>
          </td>
        ))}
      </tr>
      <tr role="row" class="detail" id={id} hidden={!isOpen}>
        <td role="cell" colSpan={COLUMNS.length}>
          {isOpen && detail !== undefined && <MethodView detail={detail} />}
        </td>
      </tr>
    </>
  );
}

function isFailing(row: MethodRow): boolean {
  return (painOf(row) ?? 0) > 0;
}

function textsOf(row: MethodRow): Readonly<Record<FigureColumn, string>> {
  const { rate, failedRatio, badRatio, p50, p95, p99, highestBound, inFlight } = row;
  // Marks failing methods with a symbol too, not by color alone.
  const mark = isFailing(row) ? '▲ ' : '';
  const [failedMark, badMark] = badRatio === null ? [mark, ''] : ['', mark];
  return {
    rate: formatRate(rate),
    failedRatio: failedMark + formatPercentage(failedRatio),
    badRatio: badMark + formatPercentage(badRatio),
    p50: formatPercentile(p50, highestBound),
    p95: formatPercentile(p95, highestBound),
    p99: formatPercentile(p99, highestBound),
    inFlight: formatCount(inFlight),
  };
}

function trendOf(row: MethodRow, column: FigureColumn): JSX.Element | null {
  switch (column) {
    case 'rate':
      return <Sparkline trend={row.rates} />;
    case 'failedRatio':
      return <Sparkline trend={row.failedRatios} kind="bad" most={0.01} />;
    case 'p99':
      return <Sparkline trend={row.p99s} />;
    default:
      return null;
  }
}

/** The value of an attribute that is present or absent. */
function flag(isPresent: boolean): '' | undefined {
  return isPresent ? '' : undefined;
}
