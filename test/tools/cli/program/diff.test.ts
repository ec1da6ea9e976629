import { expect, onTestFinished, test } from 'vitest';

import { startCalculator } from '../../../support/start-calculator';
import { compileModule, HANDLERS, runCommand, writeModule } from './command';
import { serveText } from './serve-text';

const CHANGED = HANDLERS.replace('0.999', '0.99')
  .replace('async add() {}', 'async add() {} async sub() {}')
  .replace("tier: 'gold'", "tier: 'tin'");

const before = compileModule('diff/before.mjs', HANDLERS);
const after = compileModule('diff/after.mjs', CHANGED);

test('two modules are compared, and breaking changes set the exit code', async () => {
  const { code, stdout, stderr } = await runCommand('diff', before, after);

  expect(code).toBe(1);
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ['impact', 'change', 'of'],
    ['breaking', 'target-loosened', 'Calculator.add'],
    ['breaking', 'label-value-changed', 'User.find'],
    ['compatible', 'method-added', 'Calculator.sub'],
    [''],
  ]);
  expect(stderr).toBe('3 changes, 2 breaking\n');
});

test('compatible changes have exit code 0', async () => {
  const path = compileModule(
    'diff/more.mjs',
    HANDLERS.replace('async add() {}', 'add() {} sub() {}'),
  );

  const { code, stdout } = await runCommand('diff', '--json', before, path);

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([
    {
      kind: 'method-added',
      of: 'Calculator.sub',
      metric: null,
      before: '',
      after: 'Calculator.sub',
      breaking: false,
      why: expect.stringMatching(/\.$/) as string,
    },
  ]);
});

test('a saved list equals the module that it was made from', async () => {
  const { stdout: list } = await runCommand('list', '--json', before);
  const saved = writeModule('diff/saved.json', list);

  expect(await runCommand('diff', saved, before)).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '0 changes, 0 breaking\n',
  });
});

test('the calculator example serves what it declares', async () => {
  const example = startCalculator('--duration', '20');
  onTestFinished(() => example.stop());
  const [, url = ''] = await example.writes(/^metrics +(http\S+)\/metrics$/m);

  const { code, stdout } = await runCommand('diff', 'examples/calculator/handler.ts', url);

  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});

test('metrics that an endpoint shows only after a call are not taken for removed', async () => {
  const code = `
import { Counted, InFlight, ThriftService } from 'thrift-metrics';
@ThriftService('S')
export class Handler {
  @Counted({ labels: { op: () => 'x' } }) @InFlight run() {}
  @Counted({ labels: { op: () => 'x' } }) stop() {}
}`;
  const path = compileModule('diff/call-labels.mjs', code);
  const url =
    await serveText(`# HELP thrift_server_requests_total Total number of Thrift calls that reached the handler.
# TYPE thrift_server_requests_total counter
# HELP thrift_server_active_requests Number of Thrift calls in progress in the handler.
# TYPE thrift_server_active_requests gauge
thrift_server_active_requests{thrift_service="S",thrift_method="run",env="prod"} 0
`);

  expect(await runCommand('diff', path, url)).toMatchObject({ code: 0, stdout: '' });
  expect(await runCommand('diff', url, path)).toMatchObject({ code: 0, stdout: '' });
});

test('two endpoints are compared by what they serve', async () => {
  const text = `# HELP thrift_server_requests_total Calls.
# TYPE thrift_server_requests_total counter
thrift_server_requests_total{thrift_service="S",thrift_method="m",env="prod"} 1
`;
  const one = await serveText(text);
  const other = await serveText(
    text.replaceAll('env=', 'stage=').replaceAll('thrift_server', 'shop_thrift_server'),
  );

  const { code, stdout } = await runCommand('diff', '--json', one, other);

  expect(code).toBe(1);
  const kinds = (JSON.parse(stdout) as { kind: string; before: string; after: string }[]).map(
    ({ kind, before: from, after: to }) => [kind, from, to],
  );
  expect(kinds).toEqual([
    ['prefix-changed', '', 'shop_'],
    ['label-removed', 'env', ''],
    ['constant-label-added', '', 'stage'],
  ]);
});

test.each([
  ['a missing module', './missing.js', /^thrift-metrics: \.\/missing\.js: no such file in .*\.\n$/],
  ['a missing list', 'missing.json', /^thrift-metrics: missing\.json cannot be read: .*\.\n$/],
  [
    'another JSON file',
    'package.json',
    /^thrift-metrics: package\.json is not a list of decl.*\.\n$/,
  ],
  [
    'a closed port',
    'localhost:1',
    /^thrift-metrics: http:\/\/localhost:1\/metrics cannot be read: /,
  ],
])('%s is an error with exit code 2', async (_what, source, message) => {
  const { code, stdout, stderr } = await runCommand('diff', before, source);

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});
