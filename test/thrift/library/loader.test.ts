import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { beforeEach, expect, onTestFinished, test } from 'vitest';

import { findLibraries } from '../../../src/thrift/library/loader';

const found: unknown[] = [];
const faults: unknown[] = [];
let unknown = 0;
/** What observing a library does. */
let observe: (library: object) => void = () => {};

const observer = {
  found: (library: object) => {
    found.push(library);
    observe(library);
  },
  unknown: () => void unknown++,
  other: () => {},
  failed: (fault: unknown) => void faults.push(fault),
};

findLibraries(observer);

beforeEach(() => {
  found.length = 0;
  faults.length = 0;
  unknown = 0;
  observe = () => {};
});

/** Writes files into a folder of their own until the test ends. Returns the path of a program there. */
function programAmong(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'loader-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return join(folder, 'program.js');
}

const LIBRARY = 'exports.createServer = exports.createClient = exports.Thrift = class {};';
const COPY = `${LIBRARY} exports.Thrift.TException = class {};`;

test('every copy of thrift is found when the program requires it', () => {
  const program = programAmong({ 'node_modules/thrift/index.js': COPY });
  const copies = [program, __filename].map((file): unknown => createRequire(file)('thrift'));
  expect(found).toHaveLength(2);
  expect(found[0]).toBe(copies[0]);
  expect(found[1]).toBe(copies[1]);
});

test('a module thrift with less than what is wrapped is unknown', () => {
  const program = programAmong({ 'node_modules/thrift/index.js': LIBRARY });
  createRequire(program)('thrift');
  expect({ found, unknown }).toEqual({ found: [], unknown: 1 });
});

test('modules of the program that load each other in a circle are loaded as without auto, and no getter runs', () => {
  // As compilers write it: the export is there before the module that it comes from.
  const index = `
    Object.defineProperty(exports, 'createServer', { get: () => server.createServer });
    var server = require('./thrift-server.js');
  `;
  const server = `
    require('./thrift-index.js');
    exports.createServer = () => 'started';
  `;
  const program = programAmong({ 'thrift-index.js': index, 'thrift-server.js': server });
  const loaded = createRequire(program)('./thrift-index.js') as { createServer(): string };
  expect(loaded.createServer()).toBe('started');
  expect(faults).toEqual([]);
});

test('modules of the program that load each other in a circle cause no warning', async () => {
  const warnings: unknown[] = [];
  const note = (warning: unknown): void => void warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const program = programAmong({
    'thrift-a.js': "require('./thrift-b.js'); exports.a = 1;",
    'thrift-b.js': "require('./thrift-a.js'); exports.b = 2;",
  });
  expect(createRequire(program)('./thrift-a.js')).toEqual({ a: 1 });
  // Node.js emits warnings in the next tick.
  await new Promise(setImmediate);
  expect(warnings).toEqual([]);
});

test('the program gets a library that cannot be instrumented, and the fault is passed on', () => {
  const fault = new TypeError('frozen');
  observe = () => {
    throw fault;
  };
  const program = programAmong({ 'node_modules/thrift/index.js': COPY });
  expect(createRequire(program)('thrift')).toMatchObject({
    Thrift: expect.any(Function) as object,
  });
  expect(faults).toEqual([fault]);
});

test('a program starts although its copy of thrift cannot be loaded, and gets the error when it requires the copy', () => {
  const program = programAmong({
    'node_modules/thrift/index.js': "throw new Error('a dependency is missing');",
  });
  const [, main] = process.argv as [string, string];
  onTestFinished(() => void (process.argv[1] = main));
  process.argv[1] = program;
  findLibraries(observer);
  expect(() => void createRequire(program)('thrift')).toThrow('a dependency is missing');
});
