import { element } from './dom.js';
import { headings } from './error-table.js';
import { formatDuration, formatShare, formatTime, NOTHING } from './format.js';
import type { Figure, MethodDetail } from './protocol.js';

/** The objectives of a method, and what is left of their budgets. */
export function createBudgetTable(detail: MethodDetail): HTMLElement {
  const { budgets, objectiveWindow, from, to, heldFrom, beganAt } = detail;
  const caption = element('h3', {}, 'Objectives and budgets');
  if (objectiveWindow === null) {
    return element('section', {}, caption, element('p', {}, 'None is declared.'));
  }
  const rows = budgets.map(({ promise, unknown, inWindow, held, sinceBegin }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, promise),
      ...(unknown === null
        ? [inWindow, held, sinceBegin].map(createBudgetCell)
        : [element('td', { colspan: '3' }, `cannot be told: ${unknown}`)]),
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
          `Left in window: ${formatDuration((to - from) / 1000)}`,
          `Left in all held: ${formatDuration((to - heldFrom) / 1000)}`,
          `Left since ${formatTime(beganAt)}`,
        ]),
      ),
      element('tbody', {}, ...rows),
    ),
    element(
      'p',
      { class: 'note' },
      `The objective is meant over ${objectiveWindow}, which this process does not hold: Prometheus tells what is left of that.`,
    ),
  );
}

function createBudgetCell(left: Figure): HTMLElement {
  if (left === null) return element('td', { class: 'number' }, NOTHING, ' no calls');
  const isOverspent = left < 0;
  const bar = element('meter', { min: '0', max: '1', value: String(Math.max(0, left)) });
  bar.setAttribute('aria-hidden', 'true');
  return element(
    'td',
    { class: 'number', 'data-overspent': isOverspent },
    element('span', {}, `${isOverspent ? '▲ ' : ''}${formatShare(left)}`),
    bar,
  );
}
