import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

import type { GrafanaDashboard, PrometheusRules } from '../../../src/dashboards';
import { commandsOf } from '../../docs/commands';
import { blocksOf } from '../../docs/markdown';
import { openPage, startBrowser } from '../page/start-browser';
import { makeClone } from './clone';
import { follow } from './follow';
import { freePorts } from '../../support/free-ports';
import { JEST_GUIDE, makeJestProject, withoutThriftCompiler } from './project';
import { Reader } from './reader';

// The commands include installations by npm, of the clone and of new projects, which take minutes with a cold cache.
const TIMEOUT = 600_000;

/** The clone that every page starts from, and its parent folder. */
let place: ReturnType<typeof makeClone>;

beforeAll(() => {
  place = makeClone();
});

afterAll(() => place?.remove(), TIMEOUT);

function readerIn(folder: string): Reader {
  const reader = new Reader(folder);
  onTestFinished(() => reader.leave());
  return reader;
}

const COMMANDS = commandsOf('README.md');

/**
 * Returns a command after checking that the README has it. test/docs/commands.test.ts requires every command of the
 * README and of docs/README.md here, unless the test of an example runs it.
 */
function readme(command: string): string {
  if (!COMMANDS.includes(command)) throw new Error(`the README has no command ${command}`);
  return command;
}

describe('the README', () => {
  // Each test continues where the previous one ended, as a reader does.
  const ANY_PORTS = '--thrift-port 0 --metrics-port 0';
  const ONE_FILE = 'test/docs/links.test.ts';

  test(
    'one command of the README installs, builds and runs a fresh clone',
    async () => {
      const { stdout } = await readerIn(place.clone).run(
        `${readme('npm start')} -- --duration 3 ${ANY_PORTS}`,
      );
      expect(stdout).toMatch(/^The metrics agree with the client on all \d+ calls\.$/m);
    },
    TIMEOUT,
  );

  test('a command of the README lists the options of the example', async () => {
    const { stdout } = await readerIn(place.clone).run(readme('npm start -- --help'));
    expect(stdout).toContain('--duration');
  });

  test.each([`${readme('npm test')} -- --project unit`, `${readme('npm run test:unit')} --`])(
    'a command of the README runs the tests: %s',
    async (command) => {
      const { stdout } = await readerIn(place.clone).run(`${command} ${ONE_FILE}`);
      expect(stdout).toMatch(/^\d+ passed, 0 failed$/m);
    },
  );

  test(
    'the README packs the package and uses it in a project beside the clone',
    async () => {
      await readerIn(place.clone).run(readme('npm install && npm pack'));
      const reader = readerIn(place.parent);
      await reader.run('mkdir project && cd project');
      await reader.run(
        readme('npm install ../thrift-metrics/thrift-metrics-0.1.0.tgz prom-client'),
      );
      await reader.run(readme('npm install --save-dev tsx'));
      const [program, served] = blocksOf('README.md').filter(
        ({ title, language }) => title === 'calculator.mts' || language === 'text',
      );
      const onFreePort = await freePorts([8000]);
      reader.save(program?.title ?? '', onFreePort(program?.code ?? ''));

      const running = reader.start(readme('npx tsx calculator.mts'));

      const [, url = ''] = await running.writes(/^3 (http:\/\/localhost:\d+\/metrics)$/m);
      expect(url).toBe(onFreePort('http://localhost:8000/metrics'));
      const lines = (await (await fetch(url)).text()).split('\n');
      expect(lines).toEqual(expect.arrayContaining(served?.code.trim().split('\n') ?? []));
    },
    TIMEOUT,
  );

  test('commands of the README turn the classes of the example into a dashboard and alerts', async () => {
    const reader = readerIn(place.clone);
    await reader.run(
      readme('npx thrift-metrics dashboard examples/calculator/handler.ts -o dashboard.json'),
    );
    await reader.run(
      readme('npx thrift-metrics rules examples/calculator/handler.ts -o thrift.rules.yml'),
    );

    const read = (name: string) => readFileSync(join(place.clone, name), 'utf8');
    const { panels } = JSON.parse(read('dashboard.json')) as GrafanaDashboard;
    expect(panels.length).toBeGreaterThan(10);
    const { groups } = parse(read('thrift.rules.yml')) as PrometheusRules;
    const alerts = groups.flatMap(({ rules }) => rules).filter((rule) => 'alert' in rule);
    const methods = new Set(alerts.map(({ labels }) => labels['thrift_method']));
    expect(methods).toContain('factorize');
  });

  test('a command of the README shows the running example in the terminal', async () => {
    const reader = readerIn(place.clone);
    const example = reader.start(`npm start -- ${ANY_PORTS}`);
    const [, url = ''] = await example.writes(/^page +(http\S+)\/$/m);
    const command = readme('npx thrift-metrics top http://localhost:8000');

    const { stdout } = await reader.run(command.replace('http://localhost:8000', url));

    expect(stdout).toMatch(/^Calculator\.factorize +\d/m);
  });

  test('a command of the README measures an unchanged program', async () => {
    const reader = readerIn(join(place.clone, 'examples/automatic'));
    const command = readme('node --require thrift-metrics/auto app.js');

    const running = reader.start(`THRIFT_METRICS_PORT=0 exec ${command}`);

    const [, url = ''] = await running.writes(/^thrift-metrics: (\S+)$/m);
    await running.writes(/^The program runs/m);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(
      /^thrift_server_requests_total\{thrift_method="add",.*\} 3$/m,
    );
    running.signal('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0 });
  });
});

/** What the service of Debian's package does. */
const DEBIAN =
  'prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=debian --web.listen-address=localhost:9090';

describe('the tutorial', () => {
  /** The ports of the service, its metrics, Prometheus, and a Prometheus that was there before. */
  const PORTS = [9091, 8000, 9095, 9090];
  let reader: Reader;
  let debian: Reader;
  let browser: Browser;
  let onFreePorts: (text: string) => string;

  beforeAll(async () => {
    reader = new Reader(place.clone);
    browser = await startBrowser();
    onFreePorts = await freePorts(PORTS);
    debian = new Reader(place.parent);
    await debian.start(onFreePorts(DEBIAN)).writes(/Server is ready to receive web requests/);
  });

  afterAll(async () => {
    await browser?.close();
    await debian?.leave();
    await reader?.leave();
  });

  const adapt = (text: string): string => onFreePorts(withoutThriftCompiler(text, place.clone));

  test(
    'the tutorial leads from an IDL to an alert, and every command prints what the tutorial shows',
    () => follow('docs/tutorial/first-service.md', reader, adapt),
    TIMEOUT,
  );

  test('the live page shows what the tutorial describes', async () => {
    const { page } = await openPage(browser, onFreePorts('http://localhost:8000/'));
    const top = await page.locator('tbody tr').first().innerText();
    expect(top).toMatch(/^Calculator\.calculate\s+\S+\/s\s+2\d(?:\.\d)? %\s+▲ 2\d(?:\.\d)? %/m);

    // The name is also in the first line of the page, and in what screen readers announce.
    await page.locator('tbody tr').first().locator('.name').click();

    await page
      .getByText(/▲ -\d+ %/)
      .filter({ visible: true })
      .first()
      .waitFor();
    expect(await page.innerText('body')).toMatch(/^Error\s+undeclared\s+\d+/m);
  });

  test('the Prometheus that Debian starts on port 9090 takes no part in the tutorial', async () => {
    const response = await fetch(onFreePorts('http://localhost:9090/api/v1/rules'));
    expect(await response.json()).toEqual({ status: 'success', data: { groups: [] } });
  });

  test('Prometheus shows the alerts where the tutorial says', async () => {
    const { page } = await openPage(browser, onFreePorts('http://localhost:9095/'));
    await page.click('text=Alerts');
    await page.waitForSelector('text=Firing (4)');
  });

  test('Ctrl-C ends the programs of the tutorial', () => reader.interrupt());
});

describe('the guide to tests with Jest', () => {
  test(
    'the project of the guide to Jest has tests that pass, and that fail on a fault of metrics code',
    async () => {
      const reader = readerIn(place.clone);
      await makeJestProject(reader, 'typescript@6');

      await follow(JEST_GUIDE, reader);

      expect(existsSync(join(reader.folder, 'handler.test.ts'))).toBe(true);
      reader.save('faulty.test.ts', FAULTY_TEST);
      const { code, stderr } = await reader.start('npx jest faulty').ended;
      expect(stderr).toContain('label:FaultyHandler.add:op');
      expect(code).toBe(1);
    },
    TIMEOUT,
  );
});

/** Calls a method whose label function fails, and expects nothing. */
const FAULTY_TEST = `
import { test } from '@jest/globals';
import { Counted } from 'thrift-metrics';

class FaultyHandler {
  @Counted({ labels: { op: ({ args }) => args[7].op } })
  async add(): Promise<void> {}
}

test('the call itself does not fail', () => new FaultyHandler().add());
`;
