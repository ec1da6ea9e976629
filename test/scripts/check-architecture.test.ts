import { describe, expect, test } from 'vitest';

import { findViolations, readSources } from '../../scripts/check-architecture.mjs';

/** The violations in these sources, as `path:line: message`. */
const violations = (sources: Readonly<Record<string, string>>) =>
  findViolations(sources).map(({ path, line, message }) => `${path}:${line}: ${message}`);

/** The violations in one file of `metrics/`. */
const inFile = (text: string) => violations({ 'metrics/a.ts': `${text}\nexport {};\n` });

const begins = (text: string): unknown => expect.stringMatching(new RegExp(`^${escape(text)}`));
const escape = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

test('the source of this package has the architecture', () => {
  expect(violations(readSources())).toEqual([]);
}, 60_000);

describe('import directions', () => {
  const two = (from: string, statement: string, to: string) =>
    violations({ [from]: `${statement}\nexport {};\n`, [to]: 'export const x = 1;\n' });

  test('an import against the arrows is found', () => {
    expect(two('metrics/a.ts', "\nimport { x } from '../runtime/b';", 'runtime/b.ts')).toEqual([
      'metrics/a.ts:2: metrics/ may not import runtime/, only its own files. Move what both need to the lower module, or take it as an argument.',
    ]);
    expect(two('recording/a.ts', "import type {} from '../runtime/b';", 'runtime/b.ts')).toEqual([
      begins('recording/a.ts:1: recording/ may not import runtime/, only metrics/.'),
    ]);
  });

  test.each([
    ["import '../tools/b';"],
    ["import x = require('../tools/b');"],
    ["export * from '../tools/b';"],
    ["export { x } from '../tools/b';"],
    ["void import('../tools/b');"],
    ["require('../tools/b');"],
    ["type X = import('../tools/b').X;"],
    ["import { type X } from '../tools/b';"],
  ])('an import in the form %s is found', (statement) => {
    expect(two('scrape/a.ts', statement, 'tools/b.ts')).toEqual([
      begins('scrape/a.ts:1: scrape/ may not import tools/'),
    ]);
  });

  test('an import along the arrows is accepted', () => {
    expect(two('tools/a.ts', "import { x } from '../scrape/b';", 'scrape/b.ts')).toEqual([]);
    expect(two('tools/x/a.ts', "import { x } from '../b';", 'tools/b.ts')).toEqual([]);
    expect(
      two('tools/a.ts', "import { x } from '../package-folder';", 'package-folder.ts'),
    ).toEqual([]);
  });

  test.each([
    ["import type { X } from '../recording/b';", 0],
    ["import { type X, type Y } from '../recording/b';", 0],
    ["export type { X } from '../recording/b';", 0],
    ["import { x, type Y } from '../recording/b';", 1],
    ["import { x } from '../recording/b';", 1],
    ["import x, { type Y } from '../recording/b';", 1],
    ["import '../recording/b';", 1],
  ])('a module of which only types may be imported: %s', (statement, count) => {
    const found = two('scrape/a.ts', statement, 'recording/b.ts');
    expect(found).toEqual(
      Array.from({ length: count }, () =>
        begins('scrape/a.ts:1: scrape/ may import only types of recording/.'),
      ),
    );
  });

  test.each(['index', 'auto', 'opentelemetry', 'dashboards', 'cli'])(
    'an import of the entry point %s is found, from another entry point too',
    (entry) => {
      for (const [from, specifier] of [
        ['tools/a.ts', `../${entry}`],
        [entry === 'index' ? 'auto.ts' : 'index.ts', `./${entry}`],
      ] as const) {
        expect(two(from, `import '${specifier}';`, `${entry}.ts`)).toEqual([
          begins(`${from}:1: ${entry}.ts is an entry point, and no file may import it.`),
        ]);
      }
    },
  );

  test('an entry point may import every module', () => {
    expect(two('auto.ts', "import './thrift/b';", 'thrift/b.ts')).toEqual([]);
  });

  test('a file beside the modules may import none of them', () => {
    expect(two('package-folder.ts', "import './validation/b';", 'validation/b.ts')).toEqual([
      begins('package-folder.ts:1: package-folder.ts lies beside the modules'),
    ]);
  });

  test('a folder that the table does not know is found', () => {
    expect(two('plugins/a.ts', "import '../metrics/b';", 'metrics/b.ts')).toEqual([
      begins('plugins/a.ts:1: plugins is not in the table of modules.'),
    ]);
  });
});

describe('the program of the browser', () => {
  const BROWSER = 'tools/page/browser';
  const protocol = { [`${BROWSER}/protocol.ts`]: 'export const x = 1;\nexport type X = 1;\n' };

  test('code of the browser may not import code of the process', () => {
    expect(
      violations({
        [`${BROWSER}/main.ts`]: "import { x } from '../history';\nimport 'node:fs';\n",
        'tools/page/history.ts': 'export const x = 1;\n',
      }),
    ).toEqual([
      begins(`${BROWSER}/main.ts:1: Browser code may import only ${BROWSER}/`),
      begins(`${BROWSER}/main.ts:2: 'node:fs' is a module of Node.js`),
    ]);
  });

  test('code of the process may import only types of the protocol', () => {
    const imports = (statement: string) =>
      violations({ 'tools/page/history.ts': `${statement}\nexport {};\n`, ...protocol });
    expect(imports("import type { X } from './browser/protocol';")).toEqual([]);
    expect(imports("import { x } from './browser/protocol';")).toEqual([
      begins(`tools/page/history.ts:1: ${BROWSER}/protocol.ts is browser code`),
    ]);
    expect(imports("import type { X } from './browser/main';")).toEqual([
      begins(`tools/page/history.ts:1: ${BROWSER}/main.ts is browser code`),
    ]);
  });

  test('arithmetic that a browser shares with the process is imported by both, and imports nothing', () => {
    const shared = { 'slo/urgency.ts': 'export const x = 1;\n' };
    const importing = "import { x } from '../../../slo/urgency';\nexport const y = x;\n";
    expect(violations({ [`${BROWSER}/main.ts`]: importing, ...shared })).toEqual([]);
    expect(
      violations({
        'slo/urgency.ts': "import { x } from '../metrics/a';\nimport 'node:fs';\n",
        'metrics/a.ts': 'export const x = 1;\n',
      }),
    ).toEqual([
      begins('slo/urgency.ts:1: slo/urgency.ts also runs in a browser, and may import nothing.'),
      begins("slo/urgency.ts:2: 'node:fs' is a module of Node.js"),
    ]);
  });

  test('code of the browser may have state and use its global object', () => {
    expect(violations({ [`${BROWSER}/main.ts`]: 'let x = 1;\nglobalThis.x = x;\n' })).toEqual([]);
  });
});

describe('packages', () => {
  test.each([
    ['prom-client', 'runtime/client-library.ts', 'runtime/families.ts'],
    ['@prometheus-io/client', 'runtime/client-library.ts', 'scrape/render.ts'],
    ['thrift', 'thrift/wire.ts', 'declaration/class.ts'],
    ['thrift/lib/nodejs/lib/thrift/log.js', 'thrift/server/log.ts', 'index.ts'],
    ['@opentelemetry/api', 'signals/spans.ts', 'runtime/exemplars.ts'],
  ])('%s may be imported by %s and not by %s', (name, owner, other) => {
    for (const statement of [
      `import '${name}';`,
      `import type {} from '${name}';`,
      `require('${name}');`,
      `require.resolve('${name}');`,
    ]) {
      expect(violations({ [owner]: `${statement}\nexport {};\n` })).toEqual([]);
      expect(violations({ [other]: `${statement}\nexport {};\n` })).toEqual([
        begins(`${other}:1: Only `),
      ]);
    }
  });

  test('a package that the table does not know is found, a module of Node.js is not', () => {
    expect(inFile("import 'lodash/fp';\nimport 'node:fs';\nimport 'fs';")).toEqual([
      begins("metrics/a.ts:1: 'lodash/fp' is not in the table of packages."),
    ]);
  });
});

describe('circular imports', () => {
  test('a circle is found once, with the way around it', () => {
    expect(
      violations({
        'metrics/a.ts': "export const a = 1;\nexport * from './b';\n",
        'metrics/b.ts': "export * from './c';\n",
        'metrics/c.ts': "export { a } from './a';\n",
        'metrics/d.ts': "export * from './a';\n",
      }),
    ).toEqual([
      'metrics/a.ts:2: Circular import: metrics/a.ts → metrics/b.ts → metrics/c.ts → metrics/a.ts. Move what both sides need to the lower file.',
    ]);
  });

  test('a circle of types is found', () => {
    expect(
      violations({
        'metrics/a.ts': "import type { B } from './b';\nexport type A = B;\n",
        'metrics/b.ts': "export type B = import('./a').A | 1;\n",
      }),
    ).toEqual([begins('metrics/a.ts:1: Circular import: metrics/a.ts → metrics/b.ts')]);
  });

  test('a file that imports itself is found', () => {
    expect(inFile("import './a';")).toEqual([
      begins('metrics/a.ts:1: Circular import: metrics/a.ts → metrics/a.ts.'),
    ]);
  });

  test('two ways to one file are not a circle', () => {
    expect(
      violations({
        'metrics/a.ts': "export * from './b';\nexport * from './c';\n",
        'metrics/b.ts': "export * from './d';\n",
        'metrics/c.ts': "export type * from './d';\n",
        'metrics/d.ts': 'export const d = 1;\n',
      }),
    ).toEqual([]);
  });
});

describe('module state', () => {
  test.each([
    'let count = 0;',
    'export let count = 0;',
    'var count = 0;',
    'if (process.pid > 0) { let count = 0; count += 1; }',
  ])('a variable is found: %s', (text) => {
    expect(inFile(text)).toEqual([expect.stringMatching(/^metrics\/a\.ts:1: `(?:let|var) count`/)]);
  });

  test.each([
    'const x = new Map<string, number>();',
    'const x = new Set([1]);',
    'const x: WeakMap<object, number> = new WeakMap();',
    'const x = new WeakSet();',
    'const x = new Uint8Array(8);',
    "const x = Buffer.from('a');",
    'const x: number[] = [];',
    "const x = ['a', 'b'];",
    "const x = ['a', 'b'].map((each) => each);",
    'const x: [number, number] = [0, 0];',
    'const x = { a: 1 };',
    'const x = { a: 1 } satisfies { a: number };',
    'const x: Record<string, number> = {};',
    'const x: { readonly a: number; b: number } = { a: 1, b: 2 };',
    'const x = { a: new Map() } as const;',
    'const x: Readonly<Record<string, number[]>> = {};',
    'const x: readonly { a: number }[] = [];',
    'const x: ReadonlyMap<string, Set<string>> = new Map();',
    'const x = new (class { count = 0; })();',
    'const x = new (class { readonly all = new Map<string, number>(); })();',
    'const x: Partial<Record<string, number>> | null = null;',
  ])('a constant that can change is found: %s', (text) => {
    expect(inFile(text)).toContainEqual(
      expect.stringMatching(/^metrics\/a\.ts:1: `x` is module state, because [^]*definePart/),
    );
  });

  test.each([
    'const x = 1;',
    "const x = Symbol.for('x');",
    'const x = () => new Map();',
    'function x() { let count = 0; const all = new Map(); return [count, all]; }',
    'const x = /x/g;',
    "const x = new Error('x');",
    'const x = new TextEncoder();',
    "const x = ['a', { b: 1 }] as const;",
    "const x = { a: ['b'] } as const satisfies { a: readonly string[] };",
    'const x: readonly number[] = [];',
    'const x: readonly [number, number] = [0, 0];',
    'const x: Readonly<Record<string, readonly string[]>> = {};',
    'const x: ReadonlyMap<string, number> = new Map();',
    'const x: ReadonlySet<string> = new Set();',
    'interface X { readonly a: number; run(): void } const x: X = { a: 1, run() {} };',
    'interface X { readonly next: X | null } const x: X = { next: null };',
    'const x = new (class { readonly a = 1; get b() { return 1; } run() {} })();',
    'class X { count = 0; readonly all = new Map(); }',
    'const { platform: x } = process;',
    "enum X { a = 'a' }",
  ])('a constant that cannot change is accepted: %s', (text) => {
    expect(inFile(text)).toEqual([]);
  });

  test.each([
    ['class X { static count = 0; }', 'count'],
    ['class X { static readonly all = new Set<string>(); }', 'all'],
    ['export const X = class { static #last: string | null = null; };', '#last'],
  ])('a static field that can change is found: %s', (text, name) => {
    expect(inFile(text)).toEqual([begins(`metrics/a.ts:1: The static field \`${name}\` is`)]);
  });

  test('a static field that cannot change is accepted', () => {
    expect(inFile('class X { static readonly a = 1; static of() { return new X(); } }')).toEqual(
      [],
    );
  });

  describe('exemptions', () => {
    const CACHE = 'const x = new WeakMap<object, string>();';

    test('a comment with a reason exempts what follows without a blank line', () => {
      expect(inFile(`// Module state: a pure cache.\n${CACHE}\nlet y = 1;`)).toEqual([]);
      expect(inFile(`// Module state: a pure\n// cache.\n/** Names. */\n${CACHE}`)).toEqual([]);
      expect(inFile(`// Module state: a pure cache.\n${CACHE}\n\nlet y = 1;`)).toEqual([
        begins('metrics/a.ts:4: `let y` is module state.'),
      ]);
    });

    test('a comment without a reason is found', () => {
      expect(inFile(`// Module state:\n${CACHE}`)).toEqual([
        begins('metrics/a.ts:2: The exemption has no reason.'),
      ]);
    });

    test('a comment that exempts nothing is found', () => {
      expect(inFile('// Module state: a pure cache.\nconst x = 1;')).toEqual([
        begins('metrics/a.ts:2: The comment exempts module state, but what follows cannot change.'),
      ]);
    });
  });

  test.each([
    'globalThis.x = 1;',
    '(globalThis as any).x = 1;',
    "globalThis['x'] ??= 1;",
    'delete globalThis.x;',
    'const holder = globalThis as { x?: number };',
    'Object.assign(globalThis, {});',
    'global.x ??= 1;',
  ])('a use of the global object is found: %s', (text) => {
    expect(inFile(`function f() { ${text} }`)).toEqual([
      expect.stringMatching(/^metrics\/a\.ts:1: `global(?:This)?` is shared/),
    ]);
    expect(violations({ 'runtime/runtime.ts': `function f() { ${text} }\nexport {};` })).toEqual(
      [],
    );
  });

  test.each([
    'globalThis.fetch(x as string);',
    'const { fetch } = globalThis;',
    'const global = 1; f(global);',
  ])('reading a global of Node.js is accepted: %s', (text) => {
    expect(inFile(`function f(x: unknown) { ${text} }`)).toEqual([]);
  });
});

describe('clocks and timers that fake timers replace', () => {
  test.each([
    'setTimeout(() => {}, 1);',
    'globalThis.setImmediate(() => {});',
    'const { setImmediate } = globalThis;',
    'queueMicrotask(() => {});',
    'const time = Date.now();',
    'const time = new Date();',
    'const time = performance.now();',
    'const time = process.hrtime();',
    'process.nextTick(() => {});',
    'const signal = AbortSignal.timeout(1);',
    "const timers = require('node:timers');",
    'const run = { setTimeout };',
  ])('a late use is found: %s', (text) => {
    const found = [expect.stringMatching(/^metrics\/a\.ts:1: .* may be the fake of a test runner/)];
    expect(inFile(`function f() { ${text} }`)).toEqual(found);
    expect(violations({ 'metrics/clock.ts': `function f() { ${text} }\nexport {};` })).toEqual([]);
  });

  test.each([
    "import { setTimeout } from 'timers/promises';",
    "import { performance } from 'node:perf_hooks';",
    "import timers = require('node:timers');",
  ])('an import is found: %s', (text) => {
    expect(inFile(text)).toEqual([
      expect.stringMatching(/^metrics\/a\.ts:1: .* may be the fake of a test runner/),
    ]);
  });

  test.each([
    "import type { setTimeout } from 'node:timers';",
    "import { monitorEventLoopDelay } from 'node:perf_hooks';",
    'function f(server: { setTimeout(): void }) { server.setTimeout(); }',
    'function f(time: Date, performance: number) { return performance; }',
  ])('what is not a late use is accepted: %s', (text) => {
    expect(inFile(text)).toEqual([]);
  });
});

describe('basenames', () => {
  test('two files with one basename are found', () => {
    expect(
      violations({ 'metrics/labels.ts': 'export {};\n', 'recording/labels.ts': 'export {};\n' }),
    ).toEqual([begins('recording/labels.ts:1: src/metrics/labels.ts has the same basename.')]);
  });
});

describe('documented defaults', () => {
  const options = (members: string, name = 'ScrapeOptions') => ({
    'index.ts': `export type { ${name} } from './scrape/options';\n`,
    'scrape/options.ts': `export interface ${name} {\n${members}\n}\n`,
  });

  test.each(['ScrapeOptions', 'ScrapeConfiguration'])(
    'an option of the public %s without @default is found',
    (name) => {
      expect(violations(options('/** Seconds. @default 1 */\na?: number;\nb?: 1;', name))).toEqual([
        `scrape/options.ts:4: The option \`b\` of \`${name}\` has no default in its doc comment. Add \`@default\`.`,
      ]);
    },
  );

  test('an inherited option without @default is found where it is declared, once', () => {
    expect(
      violations({
        'index.ts': "export * from './api/options';\n",
        'api/common.ts': 'export interface Common {\n  a?: 1;\n}\n',
        'api/options.ts':
          "import type { Common } from './common';\nexport interface AOptions extends Common {}\nexport interface BOptions extends Common {}\n",
      }),
    ).toEqual([begins('api/common.ts:2: The option `a` of `')]);
  });

  test('a required option and interfaces that are not public need no default', () => {
    expect(violations(options('/** Seconds. */\na: number;'))).toEqual([]);
    expect(violations(options('a?: number;', 'Settings'))).toEqual([]);
    expect(violations({ 'api/x.ts': 'export interface XOptions { a?: 1 }\n' })).toEqual([]);
  });
});
