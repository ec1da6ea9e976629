import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { Diagnostic } from './compile';
import { runVariant, type Report } from './run-variant';
import { variants } from './variants';

const here = (path: string) => join(__dirname, path);

if (!existsSync(here('../../dist/index.js'))) {
  throw new Error('These tests run the built package: npm run build');
}

// The names of the tests are those of the cases that ran, so everything runs while the tests are collected.
describe('decorators, as compiled', async () => {
  const waiting = [...variants];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      // oxlint-disable-next-line no-await-in-loop -- each worker takes one after the other
      reports.push(await runVariant(next));
    }
  };
  const reports: Report[] = [];
  // Two, since two of the compilers keep one core busy for seconds.
  await Promise.all([work(), work()]);
  for (const variant of variants) {
    const report = reports.find((candidate) => candidate.variant === variant);
    if (report !== undefined) describeVariant(report);
  }
});

function describeVariant({ variant, diagnostics, cases, ran, noise }: Report) {
  const { compiler, dialect, module, tool } = variant;
  describe(`${compiler}, ${dialect} decorators, ${module}`, () => {
    test('runs every case to its end, silently', () => {
      expect(noise).toBe('');
      expect(ran).toBe(cases.length);
      expect(cases.length).toBeGreaterThan(0);
    });
    for (const { name, failure } of cases) {
      test(name, () => expect(failure).toBeUndefined());
    }
    if (typeof tool === 'object') {
      describeTypes(diagnostics);
      if (tool.options['skipLibCheck'] === false) describeDeclarations(diagnostics);
    }
  });
}

function describeTypes(diagnostics: readonly Diagnostic[]) {
  const within = (folder: string) => diagnostics.filter(({ file }) => file.startsWith(folder));
  test('the cases compile under --strict', () => expect(within('cases/')).toEqual([]));
  test('correct use compiles under --strict, and leaves types as they were', () =>
    expect(within('types/valid.ts')).toEqual([]));
  const marks = expectedErrors();
  for (const { line, what } of marks) {
    test(`refuses ${what}`, () =>
      // An unused @ts-expect-error is an error at its own line.
      expect(diagnostics.filter((found) => inInvalid(found) && found.line === line)).toEqual([]));
  }
  test('refuses nothing else in the file of mistakes', () => {
    const lines = new Set(marks.map(({ line }) => line));
    expect(diagnostics.filter((found) => inInvalid(found) && !lines.has(found.line))).toEqual([]);
  });
}

function describeDeclarations(diagnostics: readonly Diagnostic[]) {
  test('the declarations that the package ships compile under --strict', () =>
    expect(diagnostics.filter(({ file }) => !/^(?:cases|types)\//.test(file))).toEqual([]));
}

function inInvalid({ file }: Diagnostic) {
  return file === 'types/invalid.ts';
}

function expectedErrors(): { line: number; what: string }[] {
  const lines = readFileSync(here('./types/invalid.ts'), 'utf8').split('\n');
  return lines.flatMap((text, index) => {
    const what = /@ts-expect-error: (.+)$/.exec(text)?.[1];
    return what === undefined ? [] : [{ line: index + 1, what }];
  });
}
