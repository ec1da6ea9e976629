import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { parseText } from '../support/text-format';
import { install, pack, temporaryFolder, type Packed } from './projects';
import { outputOf, run } from './run';

/** What package-lock.json says of a package. */
interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly hasInstallScript?: boolean;
}

const here = (path: string) => join(__dirname, path);
const readJson = (file: string): unknown => JSON.parse(readFileSync(here(`../../${file}`), 'utf8'));

// Three installations by npm, one of them of all of Jest; minutes when its cache is cold.
const TIMEOUT = 300_000;

let temporary: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
let packed: Packed;

beforeAll(async () => {
  if (!existsSync(here('../../dist/index.js'))) {
    throw new Error('These tests pack the built package: npm run build');
  }
  temporary = await temporaryFolder();
  packed = await pack(temporary.path);
}, TIMEOUT);

afterAll(() => temporary?.remove());

describe('the tarball', () => {
  test('holds a bundle, the declarations of what can be imported, the live page, and nothing else', () => {
    expect(packed.files.toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'dist/auto.d.ts',
      'dist/auto.js',
      'dist/cli.js',
      'dist/core.js',
      'dist/index.d.ts',
      'dist/index.js',
      'dist/opentelemetry.d.ts',
      'dist/opentelemetry.js',
      'dist/page/icon.svg.br',
      'dist/page/main.js.br',
      'dist/page/page.css.br',
      'package.json',
    ]);
  });

  test('is no larger than 300 kB unpacked', () => {
    expect(packed.unpackedSize).toBeLessThanOrEqual(300_000);
  });

  test('runs nothing when it is installed, and neither do its dependencies', () => {
    const { scripts } = readJson('package.json') as { scripts: object };
    for (const script of ['preinstall', 'install', 'postinstall']) {
      expect(scripts).not.toHaveProperty(script);
    }
    const { packages } = readJson('package-lock.json') as { packages: Record<string, Locked> };
    const installed = Object.entries(packages).filter(
      ([, { dev, devOptional, peer }]) => !dev && !devOptional && !peer,
    );
    expect(installed.map(([path]) => path)).toContain('node_modules/commander');
    expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });
});

describe('an ESM project', () => {
  let output: {
    sameDecorator: boolean;
    names: string[];
    text: string;
    requiredText: string;
    registryText: string;
    page: [file: string, status: number][];
  };
  let project: string;
  beforeAll(async () => {
    project = await install('esm', packed);
    output = JSON.parse(await outputOf(process.execPath, ['main.js'], project));
  }, TIMEOUT);

  test('has the command, which reads its handler', async () => {
    const command = join(project, 'node_modules/.bin/thrift-metrics');
    const listed = await outputOf(command, ['list', '--json', './handler.js'], project);
    expect(JSON.parse(listed)).toMatchObject([{ service: 'Lookup', method: 'find' }]);
  });

  test('imports every name that require gives', () => expect(output.names).toEqual([]));

  test('import and require share one state', () => {
    expect(output.sameDecorator).toBe(true);
    const find = { thrift_service: 'Lookup', thrift_method: 'find' };
    for (const text of [output.text, output.requiredText, output.registryText]) {
      expect(valueOf(text, 'thrift_server_requests_total', find)).toBe(2);
    }
  });

  test('serves the live page, and the charts of another package', () => {
    expect(output.page).toEqual([
      ['', 200],
      ['-/main.js', 200],
      ['-/page.css', 200],
      ['-/uplot.js', 200],
      ['-/uplot.css', 200],
    ]);
  });

  test('an exception of Thrift counts as declared', () => {
    const errors = {
      thrift_service: 'Lookup',
      thrift_exception_type: 'NotFound',
      thrift_exception_kind: 'declared',
    };
    expect(valueOf(output.text, 'thrift_server_errors_total', errors)).toBe(2);
  });
});

describe('a CommonJS project', () => {
  let output: {
    found: string;
    sameError: boolean;
    thriftLoaded: boolean;
    sameRender: boolean;
    metadata: string;
    text: string;
  };
  beforeAll(async () => {
    const project = await install('commonjs', packed);
    output = JSON.parse(await outputOf(process.execPath, ['main.js'], project));
  }, TIMEOUT);

  test('runs a class that TypeScript compiled with experimentalDecorators', () => {
    expect(output.found).toBe('found known');
    expect(output.metadata).toBe('Promise');
    const find = { thrift_service: 'Lookup', thrift_method: 'find' };
    expect(valueOf(output.text, 'thrift_server_requests_total', find)).toBe(1);
    const success = { ...find, thrift_success: 'true' };
    expect(valueOf(output.text, 'thrift_server_latency_seconds_count', success)).toBe(1);
  });

  test('instrumentHandler meters a plain object, whose errors stay the same', () => {
    expect(output.sameError).toBe(true);
    const errors = { thrift_service: 'Plain', thrift_exception_type: 'NotFound' };
    expect(valueOf(output.text, 'thrift_server_errors_total', errors)).toBe(1);
  });

  test('does not load thrift, which is an optional peer', () =>
    expect(output.thriftLoaded).toBe(false));

  test('import gives the same functions as require', () => expect(output.sameRender).toBe(true));
});

describe('a Jest project', () => {
  let results: { title: string; status: string; failureMessages: string[] }[];
  beforeAll(async () => {
    const project = await install('jest', packed);
    // Jest ends with 1 when a test failed; what failed is said below, test by test.
    const args = ['node_modules/jest/bin/jest.js', '--json', '--runInBand', '--no-cache'];
    const { stdout } = await run(process.execPath, args, project);
    const { testResults } = JSON.parse(stdout) as {
      testResults: { assertionResults: typeof results }[];
    };
    results = testResults.flatMap(({ assertionResults }) => assertionResults);
  }, TIMEOUT);

  for (const title of [
    'a decorated class declared for the 1. time counts on',
    'a decorated class declared for the 2. time counts on',
    'a handler instrumented for the 1. time counts on',
    'a handler instrumented for the 2. time counts on',
    'a declared exception of Thrift is told from other errors',
    'with resetMetrics each test starts at 0',
    "the metrics stand in the registry of the test's own prom-client",
  ]) {
    test(title, () => {
      const result = results.find((each) => each.title === title);
      expect(result?.failureMessages).toEqual([]);
      expect(result?.status).toBe('passed');
    });
  }
});

function valueOf(text: string, name: string, labels: Readonly<Record<string, string>>) {
  const found = parseText(text).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels.get(label) === value),
  );
  expect(found).toHaveLength(1);
  return found[0]?.value;
}
