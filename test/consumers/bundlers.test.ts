import { cp, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { TIMEOUT } from './consumer';
import { packedPackage } from './projects';
import { outputOf } from './run';

const thePackage = packedPackage();

let project: string;
beforeAll(async () => {
  project = await thePackage.install('bundlers');
}, TIMEOUT);

const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
const ESBUILD = ['esbuild', 'service.mjs', '--bundle', '--platform=node', '--log-level=error'];

test.each([
  [
    'esbuild, CommonJS',
    'main.cjs',
    [...ESBUILD, '--format=cjs', '--outfile=out/esbuild-cjs/main.cjs'],
  ],
  [
    'esbuild, ES modules',
    'main.mjs',
    [...ESBUILD, '--format=esm', `--banner:js=${REQUIRE}`, '--outfile=out/esbuild-esm/main.mjs'],
  ],
  [
    'webpack for production',
    'main.js',
    [
      'webpack',
      '--mode',
      'production',
      '--target',
      'node',
      '--entry',
      './service.mjs',
      '-o',
      'out/webpack',
    ],
  ],
  ['Rollup, CommonJS', 'main.cjs', ['rollup', '-c'], 'rollup-cjs'],
  ['Rollup, ES modules', 'main.mjs', ['rollup', '-c'], 'rollup-es'],
  ['Vite for server-side rendering', 'main.mjs', ['vite', 'build', '--logLevel', 'error'], 'vite'],
  ['ncc', 'index.mjs', ['ncc', 'build', 'service.mjs', '-o', 'out/ncc']],
] as [string, string, string[], string?][])(
  'a service in one file by %s serves its metrics, and says why it has no page',
  async (_bundler, file, [tool = '', ...args], given) => {
    const bin = join(project, 'node_modules/.bin', tool);
    await outputOf(bin, args, project);
    const folder = given ?? /^(?:--outfile=)?out\/([\w-]+)/.exec(args.at(-1) as string)?.[1];
    // Elsewhere, so that nothing is found in the node_modules of the project.
    const elsewhere = await mkdtemp(join(thePackage.folder, 'bundle-'));
    await cp(join(project, 'out', folder as string), elsewhere, { recursive: true });
    const output = await outputOf(process.execPath, [file], elsewhere);

    const { metrics, page, script } = JSON.parse(output) as {
      metrics: { status: number; text: string };
      page: { status: number; text: string };
      script: number;
    };
    expect(metrics.status).toBe(200);
    expect(metrics.text).toContain(
      'thrift_server_requests_total{thrift_method="add",thrift_service="Orders"} 1\n',
    );
    expect(page.status).toBe(200);
    expect(page.text).toContain('The metrics are at /metrics.');
    expect(page.text).toContain('not in the bundle');
    expect(script).toBe(404);
  },
);
