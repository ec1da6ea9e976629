import { cpSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { startProgram } from '../../../support/start-program';
import { compileModule, HANDLERS, MAIN, root, runCommand, writeModule } from './command';

const ADVICE = 'Export the handler class from a module that only defines it';

test.each<[title: string, code: string, message: RegExp | string]>([
  [
    'starts an HTTP server',
    `import http from 'node:http'; http.createServer().listen(0);`,
    'starts a server',
  ],
  [
    'awaits a listening server',
    `import net from 'node:net'; import { once } from 'node:events';
    await once(net.createServer().listen(0), 'listening');`,
    'starts a server',
  ],
  [
    'starts its metrics server',
    `import { startMetricsServer } from 'thrift-metrics'; void startMetricsServer({ port: 0 });`,
    'starts a server',
  ],
  ['never settles', 'await new Promise(() => {});', 'did not load within 1 s'],
  ['ends the process', 'process.exit(0);', 'ends the process'],
])('a module that %s is rejected with advice', async (title, code, message) => {
  const path = compileModule(`modules/${title.replaceAll(' ', '-')}.mjs`, `${HANDLERS}\n${code}`);
  const { code: exitCode, stdout, stderr } = await runCommand('list', '--timeout', '1', path);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/^thrift-metrics: .*\n$/);
  expect(stderr).toContain(message);
  expect(stderr).toContain(ADVICE);
});

test.each<[title: string, code: string, message: RegExp]>([
  [
    'throws',
    `throw new RangeError('no such thing\\nat all');`,
    /throws on import: RangeError: no such thing \(\S+throws\.mjs:\d+\)$/,
  ],
  ['throws later', `void Promise.reject(new Error('later'));`, /throws on import: Error: later/],
  ['throws a value that is not an error', `throw 'text';`, /throws on import: text$/],
  [
    'imports a missing file',
    `import './nowhere.mjs';`,
    /throws on import: Error: Cannot find module \S+nowhere\.mjs/,
  ],
  [
    'has an invalid decorator',
    `import { Counted } from 'thrift-metrics'; class A { @Counted('no name') m() {} }`,
    /throws on import: TM_ERR_METRIC_NAME: .*no name/,
  ],
  [
    'declares nothing',
    'export class Plain {}',
    /no decorated class found\. On import, a module must define/,
  ],
  ['is not JavaScript', 'export const = 1;', /SyntaxError: /],
])('a module that %s is rejected in one line', async (title, code, message) => {
  const name = `modules/${title.replaceAll(' ', '-')}.mjs`;
  const path = title.startsWith('is not') ? writeModule(name, code) : compileModule(name, code);
  const { code: exitCode, stdout, stderr } = await runCommand('list', path);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/^thrift-metrics: .*\n$/);
  expect(stderr.trimEnd()).toMatch(message);
});

test.each(['./nowhere.js', 'no-such-package', '/nowhere/at/all.js', './src'])(
  'the missing module %s is reported',
  async (specifier) => {
    const { code, stderr } = await runCommand('list', specifier);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^thrift-metrics: \S+: no such file (?:or package )?in .*\n$/);
  },
);

test('a module that starts timers and servers late does not keep the command running', async () => {
  const path = compileModule(
    'modules/late.mjs',
    `${HANDLERS}
    import http from 'node:http';
    setInterval(() => {}, 1000);
    setTimeout(() => http.createServer().listen(0), 100);`,
  );
  expect(await runCommand('list', path)).toMatchObject({ code: 0, stderr: '' });
});

test('a module does not see the arguments of the command', async () => {
  const path = compileModule(
    'modules/arguments.mjs',
    `${HANDLERS}\nif (process.argv.includes('--json')) throw new Error('mine?');`,
  );
  expect(await runCommand('list', '--json', path)).toMatchObject({ code: 0, stderr: '' });
});

test('a TypeScript module without tsx is rejected with advice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'thrift-metrics-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'handlers.mts'), HANDLERS);
  const { code, stderr } = await startProgram(process.execPath, [
    '--input-type=module',
    '--eval',
    `process.chdir(${JSON.stringify(folder)});
    process.argv = [process.argv[0], '', 'list', './handlers.mts'];
    await import(${JSON.stringify(MAIN)});`,
  ]).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(/^thrift-metrics: \S+ is TypeScript, which needs tsx\. .*\n$/);
});

test('a module may use a different copy of thrift-metrics from the command', async () => {
  const copy = join(root, 'build/cli/copy/node_modules/thrift-metrics');
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  writeModule('copy/package.json', '{ "name": "program" }');
  const path = compileModule(
    'copy/handlers.mjs',
    `${HANDLERS}
    import { createRequire } from 'node:module';
    process.stderr.write(createRequire(import.meta.url).resolve('thrift-metrics'));`,
  );
  const { code, stdout, stderr } = await runCommand('list', '--json', path);
  expect(stderr).toBe(join(copy, 'dist/index.js'));
  expect(code).toBe(0);
  const services = (JSON.parse(stdout) as { service: string }[]).map(({ service }) => service);
  expect(services).toEqual(['Calculator', 'User']);
});

test('a module whose version of thrift-metrics cannot be read is reported', async () => {
  const path = compileModule(
    'modules/other-version.mjs',
    `globalThis[Symbol.for('thrift-metrics.state.1')] = {};`,
  );
  const { code, stderr } = await runCommand('list', path);
  expect(code).toBe(2);
  expect(stderr).toContain('this command cannot read the version of thrift-metrics');
});
