import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { freePorts } from '../support/free-ports';
import { startProgram, type Program } from '../support/start-program';
import { sumOf } from '../support/sum-of';
import { parseText, type Sample } from '../support/text-format';
import { copyFolder } from './packages';

const FIRST = join(__dirname, '../../dist');
const SECOND = join(copyFolder('copies'), 'dist');
const APP = join(__dirname, 'programs/app.cjs');

/** The calls of `add` in the program. */
const CALLS = 3;

function startApp(
  autos: readonly string[],
  copy: string,
  features: readonly string[],
  port = '0',
): Program {
  const flags = autos.flatMap((folder) => ['--require', join(folder, 'auto.js')]);
  const program = startProgram(
    process.execPath,
    [...flags, APP, join(copy, 'index.js'), ...features],
    '',
    { THRIFT_METRICS_PORT: port },
  );
  onTestFinished(() => program.stop());
  return program;
}

async function scrape(url: string): Promise<Sample[]> {
  return parseText(await (await fetch(`${url}/metrics`)).text());
}

function totalsOf(samples: readonly Sample[]) {
  const labels = { thrift_service: 'Calculator', thrift_method: 'add' };
  return {
    handler: sumOf(samples, 'thrift_server_requests_total', labels),
    processor: sumOf(samples, 'thrift_server_messages_total', labels),
    client: sumOf(samples, 'thrift_client_requests_total', labels),
    connections: sumOf(samples, 'thrift_server_connections_total', { thrift_transport: 'tcp' }),
  };
}

const ONCE = { handler: CALLS, processor: CALLS, client: CALLS, connections: 1 };

describe.each([
  ['an application with a copy of its own', [FIRST], SECOND],
  ['a program that both copies instrument', [FIRST, SECOND], SECOND],
])('%s', (_title, autos, copy) => {
  test.each([
    ['without decorators', []],
    ['that the application instruments', ['measured']],
  ])('every call of a handler %s is measured once', async (_handler, features) => {
    const program = startApp(autos, copy, features);
    const [, url = ''] = await program.writes(/^thrift-metrics: (http:\S+)$/m);
    await program.writes(/^called: /m);
    expect(totalsOf(await scrape(url))).toEqual(ONCE);
  });

  test('the metrics server of the application replaces the automatic one', async () => {
    const program = startApp(autos, copy, ['server']);
    const [, automatic = ''] = await program.writes(/^thrift-metrics: (http:\S+)$/m);
    const [, own = ''] = await program.writes(/^own server: (http:\S+)$/m);
    expect(totalsOf(await scrape(own))).toEqual(ONCE);
    const answer = fetch(automatic).then(({ status }) => status);
    expect(await answer.catch(() => 'closed')).toBe('closed');
  });
});

test('a program that both copies instrument has one metrics server', async () => {
  const program = startApp([FIRST, SECOND], SECOND, []);
  const [, url = ''] = await program.writes(/^thrift-metrics: (http:\S+)$/m);
  await program.writes(/^called: /m);
  // A second server would have been reported by now, because it starts before the program does.
  await scrape(url);
  await program.stop();
  const { stderr } = await program.ended;
  expect(stderr).toBe(`thrift-metrics: ${url}\n`);
});

test('an application uses its own client library, and the port, if the copy that instruments it has no client library', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'thrift-metrics-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(copyFolder('copies'), folder, { recursive: true });
  const port = (await freePorts([8000]))('8000');
  const program = startApp([join(folder, 'dist')], FIRST, ['measured', 'server'], port);
  const [, url = ''] = await program.writes(/^own server: (http:\S+)$/m);
  expect(totalsOf(await scrape(url))).toEqual(ONCE);
});
