import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { Diagnostic } from './compile';
import type { Report, Run } from './run-variant';

/** Defines one test per case that ran on each Node.js, and tests of what a compiler reported about the types. */
export function describeVariant({ variant, diagnostics, runs }: Report): void {
  const { compiler, dialect, tool } = variant;
  describe(`${compiler}, ${dialect} decorators`, () => {
    for (const run of runs) describeRun(run);
    if (typeof tool === 'object') {
      describeTypes(diagnostics);
      if (tool.options['skipLibCheck'] === false) describeDeclarations(diagnostics);
    }
  });
}

function describeRun({ version, program, cases, ran, noise }: Run) {
  describe(`${program} on Node.js ${version}`, () => {
    test('every case runs to its end without other output', () => {
      expect(noise).toBe('');
      expect(ran).toBe(cases.length);
      expect(cases.length).toBeGreaterThan(0);
    });
    for (const { name, failure } of cases) {
      test(name, () => expect(failure).toBeUndefined());
    }
  });
}

function describeTypes(diagnostics: readonly Diagnostic[]) {
  const within = (folder: string) => diagnostics.filter(({ file }) => file.startsWith(folder));
  test('the cases compile under --strict', () =>
    expect([...within('cases/'), ...within('nest/')]).toEqual([]));
  test('correct use compiles under --strict and leaves types unchanged', () =>
    expect(within('types/valid.ts')).toEqual([]));
  const marks = expectedErrors();
  for (const { line, what } of marks) {
    test(`the compiler rejects ${what}`, () =>
      // An unused @ts-expect-error is an error at its own line.
      expect(diagnostics.filter((found) => inInvalid(found) && found.line === line)).toEqual([]));
  }
  test('the compiler rejects nothing else in the file of mistakes', () => {
    const lines = new Set(marks.map(({ line }) => line));
    expect(diagnostics.filter((found) => inInvalid(found) && !lines.has(found.line))).toEqual([]);
  });
}

function describeDeclarations(diagnostics: readonly Diagnostic[]) {
  test('the declarations that the package ships compile under --strict', () =>
    expect(diagnostics.filter(({ file }) => !/^(?:cases|nest|types)\//.test(file))).toEqual([]));
}

function inInvalid({ file }: Diagnostic) {
  return file === 'types/invalid.ts';
}

function expectedErrors(): { line: number; what: string }[] {
  const lines = readFileSync(join(__dirname, 'types/invalid.ts'), 'utf8').split('\n');
  return lines.flatMap((text, index) => {
    const what = /@ts-expect-error: (.+)$/.exec(text)?.[1];
    return what === undefined ? [] : [{ line: index + 1, what }];
  });
}
