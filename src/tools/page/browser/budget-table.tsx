import type { JSX } from 'preact';

import { Headings } from './error-table.js';
import { formatDuration, formatPercentage, formatTime, NO_VALUE } from './format.js';
import type { Budget, Figure, MethodDetail } from './protocol.js';

/** The table of a method's objectives and their remaining error budgets. */
export function BudgetTable({ detail }: { readonly detail: MethodDetail }): JSX.Element {
  const { budgets, objectiveWindow, from, to, historyFrom, startedAt } = detail;
  const headings = [
    'Objective',
    `Left in window (${formatDuration((to - from) / 1000)})`,
    `Left in history (${formatDuration((to - historyFrom) / 1000)})`,
    `Left since ${formatTime(startedAt)}`,
  ];
  return (
    <section>
      <h2>Objectives and error budgets</h2>
      {objectiveWindow === null ? (
        <p>This method has no objective.</p>
      ) : (
        <>
          <table class="plain budgets">
            <thead>
              <Headings texts={headings} />
            </thead>
            <tbody>
              {budgets.map((budget) => (
                <BudgetRow key={budget.objective} budget={budget} />
              ))}
            </tbody>
          </table>
          <p class="note">
            {`The window of the objective is ${objectiveWindow}. This process does not keep that much history; Prometheus has the budget of the full window.`}
          </p>
        </>
      )}
    </section>
  );
}

function BudgetRow({ budget }: { readonly budget: Budget }): JSX.Element {
  const { objective, unknownReason, inWindow, inHistory, sinceStart } = budget;
  return (
    <tr>
      <th scope="row">{objective}</th>
      {unknownReason === null ? (
        <>
          <BudgetCell left={inWindow} />
          <BudgetCell left={inHistory} />
          <BudgetCell left={sinceStart} />
        </>
      ) : (
        <td colSpan={3}>{`unknown: ${unknownReason}`}</td>
      )}
    </tr>
  );
}

function BudgetCell({ left }: { readonly left: Figure }): JSX.Element {
  if (left === null) return <td class="number">{`${NO_VALUE} no calls`}</td>;
  const isOverspent = left < 0;
  return (
    <td class="number" data-overspent={isOverspent ? '' : undefined}>
      <span>{`${isOverspent ? '▲ ' : ''}${formatPercentage(left)}`}</span>
      <meter min={0} max={1} value={Math.max(0, left)} aria-hidden="true" />
    </td>
  );
}
