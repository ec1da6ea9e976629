import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';

import { instrumentHandler, metricsHandler } from '../../../src/index';
import { openPage, startBrowser } from './start-browser';

let browser: Browser;
let server: http.Server;
let origin = '';

beforeAll(async () => {
  instrumentHandler({ greet() {} }, { service: 'Greeter' }).greet();
  const app = express();
  app.use('/internal/open', metricsHandler());
  app.use('/internal/metrics', metricsHandler({ auth: { token: 's3cret' } }));
  server = http.createServer(app).listen(0, '127.0.0.1');
  [browser] = await Promise.all([startBrowser(), once(server, 'listening')]);
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

test('the page works below the path of the metrics in an application', async () => {
  const { page, offences } = await openPage(browser, `${origin}/internal/open/-/`);
  await page.getByRole('button', { name: 'Greeter.greet' }).click();
  await page.locator('.detail .budgets, .detail .view').first().waitFor();
  expect(offences).toEqual([]);
  await page.getByRole('link', { name: 'Metrics' }).click();
  await page.getByText('thrift_server_requests_total').first().waitFor();
  await page.context().close();
});

test('a token opens the page, is asked for again if it is wrong, and is kept when the page is reloaded', async () => {
  const { page, offences } = await openPage(browser, `${origin}/internal/metrics/-/`);
  const token = page.getByLabel('Token of the metrics endpoint');
  await token.fill('wrong');
  await token.press('Enter');
  await page.getByRole('alert').getByText('The server refuses this token').waitFor();
  expect(await page.locator('.line').count()).toBe(0);
  await token.fill('s3cret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
  expect(await page.locator('.line .name').allTextContents()).toEqual(['Greeter.greet']);
  expect(await page.getByRole('link', { name: 'Metrics' }).count()).toBe(0);
  await page.reload();
  await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
  expect(await page.context().cookies()).toEqual([]);
  // The browser reports each 401.
  expect(offences.filter((offence) => !offence.includes('401'))).toEqual([]);
  await page.context().close();
});
