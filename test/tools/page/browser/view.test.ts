import { expect, it } from 'vitest';

import { keyOf } from '../../../../src/tools/page/browser/method-key';
import { INITIAL_VIEW, queryOf, viewOf, type View } from '../../../../src/tools/page/browser/view';

it('the address of a page as at first has no query', () => {
  expect(queryOf(INITIAL_VIEW)).toBe('');
  expect(viewOf('')).toEqual(INITIAL_VIEW);
});

it('the address contains everything that was selected', () => {
  const view: View = {
    minutes: 15,
    pausedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    filter: 'a & b',
    hidesIdle: true,
    onlyFailing: true,
    sort: { key: 'p99', direction: 'ascending' },
    isGrouped: true,
    closedGroups: ['Stock', 'Or&ders'],
    open: [
      keyOf({ service: 'Orders', method: 'create' }),
      keyOf({ service: 'a/b%2F%', method: '<i>/' }),
    ],
  };
  expect(viewOf(queryOf(view))).toEqual(view);
  expect(queryOf(view)).toContain('open=Orders%2Fcreate');
});

it.each([
  'window=7',
  'at=yesterday',
  'sort=constructor',
  'order=sideways',
  'open=nothing',
  'open=a/b/c',
  'idle=show&only=some&group=host',
])('an address with the wrong query %s shows the page as at first', (query) => {
  expect(viewOf(query)).toEqual(INITIAL_VIEW);
});
