import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { startProgram } from '../../../support/start-program';
import {
  compileModule,
  HANDLERS,
  MAIN,
  root,
  runCommand,
  writeModule,
  type Standard,
} from './command';

const INDEX = join(root, 'dist/index.js');

const DECLARED = [
  ['Calculator', 'add', 'thrift_server_requests_total'],
  ['Calculator', 'add', 'thrift_server_latency_seconds'],
  ['Calculator', 'add', 'thrift_server_errors_total'],
  ['Calculator', 'add', 'thrift_server_active_requests'],
  ['User', 'find', 'thrift_server_active_requests'],
  ['User', 'find', 'thrift_server_requests_total'],
];

interface Listed {
  readonly service: string;
  readonly method: string;
  readonly metrics: readonly { readonly name: string }[];
}

const listed = (json: string) =>
  (JSON.parse(json) as Listed[])
    .flatMap(({ service, method, metrics }) => metrics.map(({ name }) => [service, method, name]))
    .map((row) => row.join(' '))
    .toSorted();

const declared = DECLARED.map((row) => row.join(' ')).toSorted();

describe.each<Standard>(['standard', 'legacy'])('%s decorators', (standard) => {
  test.each(['mjs', 'cjs'])(
    'the decorated methods of a .%s module are listed',
    async (extension) => {
      const path = compileModule(`list/${standard}.${extension}`, HANDLERS, standard);
      const { code, stdout, stderr } = await runCommand('list', '--json', path);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(listed(stdout)).toEqual(declared);
    },
  );
});

test("a TypeScript module is compiled by the project's tsx", async () => {
  const path = writeModule('list/handlers.mts', HANDLERS);
  const { code, stdout, stderr } = await runCommand('list', '--json', path);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(listed(stdout)).toEqual(declared);
});

const TREE = `Calculator
├─ add  99.9% available, 99% within 0.25 s over 30d
│  ├─ thrift_server_requests_total   counter
│  ├─ thrift_server_latency_seconds  histogram  thrift_success
│  ├─ thrift_server_errors_total     counter    thrift_exception_kind, thrift_exception_type
│  └─ thrift_server_active_requests  gauge
└─ sub
   └─ thrift_server_requests_total   counter
User  99% available over 7d, all methods
└─ find
   ├─ thrift_server_requests_total   counter    tier=gold
   └─ thrift_server_active_requests  gauge
`;

const TREE_HANDLERS = `
import { Counted, InFlight, Instrumented, Objective, ThriftService } from 'thrift-metrics';

@ThriftService('Calculator')
export class CalculatorHandler {
  @Instrumented
  @Objective({ availability: 0.999, latency: { target: 0.99, within: 0.25 } })
  async add() {}
  @Counted
  async sub() {}
}

@Objective({ availability: 0.99, window: '7d', scope: 'service' })
@ThriftService('User')
export class UserHandler {
  @Counted({ labels: { tier: 'gold' } })
  @InFlight
  find() {}
}
`;

/** Lists a module in an environment. */
async function listIn(environment: Record<string, string>, path: string): Promise<string> {
  const program = startProgram(process.execPath, [
    '--eval',
    `Object.assign(process.env, ${JSON.stringify({ LC_ALL: '', LC_CTYPE: '', LANG: '', TERM: 'xterm', ...environment })});
    process.argv = [process.argv[0], '', 'list', ${JSON.stringify(path)}];
    require(${JSON.stringify(MAIN)});`,
  ]);
  const { code, stdout, stderr } = await program.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

test('a tree shows services, their methods with objectives, and every metric with its labels', async () => {
  const path = compileModule('list/tree.mjs', TREE_HANDLERS);
  expect(await listIn({ LANG: 'en_US.UTF-8' }, path)).toBe(TREE);
  expect(await listIn({}, path)).toBe(TREE);
});

test('a tree has lines of ASCII where the locale or the terminal has no others', async () => {
  const path = compileModule('list/ascii.mjs', TREE_HANDLERS);
  const ascii = TREE.replaceAll('├─', '|-').replaceAll('└─', '`-').replaceAll('│', '|');
  expect(await listIn({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, path)).toBe(ascii);
  expect(await listIn({ TERM: 'linux', LANG: 'en_US.UTF-8' }, path)).toBe(ascii);
});

test('several modules are listed together', async () => {
  const one = compileModule('list/one.mjs', HANDLERS);
  const two = compileModule(
    'list/two.cjs',
    `import { Counted } from 'thrift-metrics';
    class Base { @Counted get() {} }
    class ShelfHandler extends Base { @Counted put() {} }
    module.exports = { ShelfHandler };`,
  );
  const { stdout } = await runCommand('list', '--json', one, two);
  const metric = 'thrift_server_requests_total';
  const others = [`Base get ${metric}`, `Shelf put ${metric}`];
  expect(listed(stdout)).toEqual([...declared, ...others].toSorted());
});

test('a package can be named as in an import', async () => {
  const folder = 'list/node_modules/some-handlers';
  writeModule(`${folder}/package.json`, '{ "exports": { "import": "./main.mjs" } }');
  compileModule(`${folder}/main.mjs`, HANDLERS.replace("'thrift-metrics'", JSON.stringify(INDEX)));
  const program = startProgram(process.execPath, [
    '--eval',
    `process.chdir(${JSON.stringify(join(root, 'build/cli/list'))});
    process.argv = [process.argv[0], '', 'list', '--json', 'some-handlers'];
    require(${JSON.stringify(MAIN)});`,
  ]);
  const { code, stdout } = await program.ended;
  expect(code).toBe(0);
  expect(listed(stdout)).toEqual(declared);
});

test('-o writes the list to a file', async () => {
  const path = compileModule('list/output.mjs', HANDLERS);
  const file = writeModule('list/output.json', '');
  const { code, stdout } = await runCommand('list', '--json', '-o', file, path);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(listed(readFileSync(file, 'utf8'))).toEqual(declared);
  const refused = await runCommand('list', '-o', join(root, 'no/such/folder/x'), path);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/^thrift-metrics: \S+ cannot be written: ENOENT.*\. Choose .*\n$/);
});

test('output that a module prints goes to stderr', async () => {
  const path = compileModule('list/prints.mjs', `${HANDLERS}\nconsole.log('hello');`);
  const { stdout, stderr } = await runCommand('list', '--json', path);
  expect(listed(stdout)).toEqual(declared);
  expect(stderr).toBe('hello\n');
});
