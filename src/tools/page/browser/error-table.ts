import { element } from './dom.js';
import { formatCount, formatRate } from './format.js';
import type { MethodDetail } from './protocol.js';

/** Creates the table of a method's errors by type, the most frequent first. */
export function createErrorTable({ errors }: MethodDetail): HTMLElement {
  const caption = element('h3', {}, 'Errors by type');
  if (errors.length === 0) {
    return element('section', {}, caption, element('p', {}, 'No errors in this window.'));
  }
  const rows = errors.map(({ kind, type, count, rate }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, type ?? 'other types'),
      element('td', {}, kind),
      element('td', { class: 'number' }, formatCount(count)),
      element('td', { class: 'number' }, formatRate(rate)),
    ),
  );
  return element(
    'section',
    {},
    caption,
    element(
      'table',
      { class: 'plain errors' },
      element('thead', {}, headings(['Type', 'Kind', 'Count', 'Rate'])),
      element('tbody', {}, ...rows),
    ),
  );
}

/** Creates the heading row of a table. */
export function headings(texts: readonly string[]): HTMLElement {
  return element('tr', {}, ...texts.map((text) => element('th', { scope: 'col' }, text)));
}
