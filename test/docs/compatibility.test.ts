import { expect, test } from 'vitest';

import { devDependencies, engines, peerDependencies } from '../../package.json';
import { allVariants } from '../dialects/variants';
import {
  CLIENT_LIBRARIES,
  NODES,
  OLDER_THRIFTS,
  RUNTIMES,
  THRIFT_PEERS,
  THRIFTS,
} from '../matrix/versions';
import { outputsFor } from '../thrift/outputs';
import { blocksOf, readPage } from './markdown';

const PAGE = 'docs/reference/compatibility.md';

const rows = readPage(PAGE)
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** The second cell of the row whose first cell contains this text. */
function cellOf(text: string): string | undefined {
  return rows.find(([, first]) => first?.includes(text))?.[2];
}

const versionsOf = (library: string) =>
  CLIENT_LIBRARIES.filter(({ name }) => name === library).map(({ version }) => version);

test.each([
  ['Node.js', NODES],
  ['`thrift`', THRIFTS],
  ['older `thrift`', OLDER_THRIFTS],
  ['npm `thrift` in a program of its own', THRIFT_PEERS],
  ...RUNTIMES.map(({ name, version }): [string, readonly string[]] => [name, [version]]),
  ['`prom-client`]', versionsOf('prom-client')],
  ['`@prometheus-io/client`', versionsOf('@prometheus-io/client')],
])(
  'docs/reference/compatibility.md lists the versions of %s that the matrix runs',
  (what, versions) => {
    expect(cellOf(what)).toBe(versions.join(', '));
  },
);

test('the oldest versions in the matrix are the minimum versions in package.json', () => {
  expect(engines.node).toBe(`>=${NODES[0].replace(/\.0$/, '')}`);
  expect(peerDependencies).toMatchObject({
    thrift: `>=${OLDER_THRIFTS[0]}`,
    'prom-client': `^${versionsOf('prom-client')[0]}`,
    '@prometheus-io/client': `^${versionsOf('@prometheus-io/client')[0]}`,
  });
});

test('the newest versions in the matrix are those that all other tests use', () => {
  expect(devDependencies).toMatchObject({
    thrift: `^${THRIFTS.at(-1)}`,
    'prom-client': `^${versionsOf('prom-client').at(-1)}`,
    '@prometheus-io/client': `^${versionsOf('@prometheus-io/client').at(-1)}`,
  });
});

test('docs/reference/compatibility.md lists the outputs of the Thrift compiler that the matrix runs', () => {
  const used = THRIFTS.flatMap((thrift) =>
    outputsFor(thrift).map((output) => ({ ...output, thrift: thrift.replace(/\.0$/, '') })),
  );
  const compilers = [...new Set(used.map(({ compiler }) => compiler))].toSorted().toReversed();
  const expected = compilers.map((compiler) => {
    const own = used.filter((output) => output.compiler === compiler);
    const promisesIn = (isEs6: boolean) =>
      new Set(own.filter((output) => output.isEs6 === isEs6).map(({ promises }) => promises));
    return {
      compiler,
      thrifts: [...new Set(own.map(({ thrift }) => thrift))],
      es6: promisesIn(true),
      es5: promisesIn(false),
    };
  });
  const promisesOf = (cell: string) =>
    new Set([...cell.matchAll(/native(?= promises)|Q/g)].map(String));
  const listed = rows
    .filter(([, compiler = '']) => /^0\.\d+$/.test(compiler))
    .map(([, compiler, thrifts = '', es6 = '', es5 = '']) => ({
      compiler,
      thrifts: thrifts.split(', '),
      es6: promisesOf(es6),
      es5: promisesOf(es5),
    }));
  expect(listed).toEqual(expected);
});

test('docs/reference/compatibility.md lists every compiler that the matrix runs', () => {
  const tools = allVariants.map(({ compiler }) => /^(?:TypeScript )?[\w.]+/.exec(compiler)?.[0]);
  const [named = '', modules = ''] = [cellOf('TypeScript 5.9'), cellOf('esbuild')].map(String);
  expect(new Set(tools)).toEqual(
    new Set(['TypeScript 5.9', 'TypeScript 6', 'TypeScript 7', 'esbuild', 'swc', 'tsx']),
  );
  for (const kind of ['commonjs', 'node16', 'nodenext', 'esnext']) expect(named).toContain(kind);
  expect(modules).toBe('CommonJS and ES modules');
});

test('the Jest project of the matrix has the configuration of the guide, without the file that fails on faults', () => {
  const guide = blocksOf('docs/how-to/tests-with-jest.md');
  const shown = guide.find(({ title }) => title === 'jest.config.js')?.code;
  const run = readPage('test/consumers/projects/jest-swc/jest.config.js');
  expect(run.replace(/^\/\/ .*\n/, '')).toBe(shown?.replace(/^ +setupFilesAfterEnv: .*\n/m, ''));
});
