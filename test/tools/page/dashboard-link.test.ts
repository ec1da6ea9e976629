import { expect, test } from 'vitest';

import { dashboardLink } from '../../../src/tools/page/dashboard-link';

const of = { service: 'Shop & Co', method: 'a$&/b' };

test('an address without placeholders gets the variables of the generated dashboard', () => {
  const url = new URL(dashboardLink('https://grafana.test/d/x?orgId=2&var-job=shop#top', of));
  expect(Object.fromEntries(url.searchParams)).toEqual({
    orgId: '2',
    'var-job': 'shop',
    'var-service': 'Shop & Co',
    'var-method': 'a$&/b',
  });
  expect([url.origin, url.pathname, url.hash]).toEqual(['https://grafana.test', '/d/x', '#top']);
});

test('the placeholders of an address are replaced by the encoded names', () => {
  expect(dashboardLink('https://grafana.test/{service}?m={method}', of)).toBe(
    'https://grafana.test/Shop%20%26%20Co?m=a%24%26%2Fb',
  );
  const partly = new URL(dashboardLink('https://grafana.test/{service}', of));
  expect(Object.fromEntries(partly.searchParams)).toEqual({ 'var-method': 'a$&/b' });
});
