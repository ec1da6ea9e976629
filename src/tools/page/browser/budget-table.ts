import { element } from './dom.js';
import { headings } from './error-table.js';
import { formatDuration, formatPercentage, formatTime, NO_VALUE } from './format.js';
import type { Figure, MethodDetail } from './protocol.js';

/** Creates the table of a method's objectives and their remaining error budgets. */
export function createBudgetTable(detail: MethodDetail): HTMLElement {
  const { budgets, objectiveWindow, from, to, historyFrom, startedAt } = detail;
  const caption = element('h3', {}, 'Objectives and error budgets');
  if (objectiveWindow === null) {
    return element('section', {}, caption, element('p', {}, 'This method has no objective.'));
  }
  const rows = budgets.map(({ objective, unknownReason, inWindow, inHistory, sinceStart }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, objective),
      ...(unknownReason === null
        ? [inWindow, inHistory, sinceStart].map(createBudgetCell)
        : [element('td', { colspan: '3' }, `unknown: ${unknownReason}`)]),
    ),
  );
  return element(
    'section',
    {},
    caption,
    element(
      'table',
      { class: 'plain budgets' },
      element(
        'thead',
        {},
        headings([
          'Objective',
          `Left in window (${formatDuration((to - from) / 1000)})`,
          `Left in history (${formatDuration((to - historyFrom) / 1000)})`,
          `Left since ${formatTime(startedAt)}`,
        ]),
      ),
      element('tbody', {}, ...rows),
    ),
    element(
      'p',
      { class: 'note' },
      `The window of the objective is ${objectiveWindow}. This process does not keep that much history; Prometheus has the budget of the full window.`,
    ),
  );
}

function createBudgetCell(left: Figure): HTMLElement {
  if (left === null) return element('td', { class: 'number' }, NO_VALUE, ' no calls');
  const isOverspent = left < 0;
  const bar = element('meter', { min: '0', max: '1', value: String(Math.max(0, left)) });
  bar.setAttribute('aria-hidden', 'true');
  return element(
    'td',
    { class: 'number', 'data-overspent': isOverspent },
    element('span', {}, `${isOverspent ? '▲ ' : ''}${formatPercentage(left)}`),
    bar,
  );
}
