import Ajv from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';

import { createFileSchema } from '../../../src/configuration/file-schema';
import { SETTINGS } from '../../../src/configuration/settings-table';
import { createExamples, type Example, SECRET, temporaryFolder, writeConfig } from '../examples';
import { observe, type Observed } from './observe';

const { folder, remove } = temporaryFolder();
let examples: Readonly<Record<string, Example>>;

beforeAll(async () => {
  examples = await createExamples(folder);
});
afterAll(remove);

const exampleOf = (variable: string): Example => {
  const example = examples[variable];
  if (example === undefined) throw new Error(`${variable} has no example`);
  return example;
};

/** Free of what the setting under test sets. */
const others = (variable: string): Record<string, string> => ({
  ...(variable !== 'THRIFT_METRICS_PORT' && { THRIFT_METRICS_PORT: '0' }),
  ...exampleOf(variable).with,
});

/** Writes a file with one setting. */
function fileWith(key: string, value: unknown): string {
  return writeConfig(folder, `${key}.yml`, stringify(nested(key, value)));
}

function nested(key: string, value: unknown): unknown {
  const parts = key.split('.');
  return parts.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
}

/** Stops the program, and returns everything that it has written to standard error. */
async function errorsOf({ program }: Observed): Promise<string> {
  await program.stop();
  return (await program.ended).stderr;
}

/** The sites of reports, except of those about series that the limit keeps out. */
function reportsIn(stderr: string): string[] {
  const sites = [...stderr.matchAll(/^thrift-metrics: (?!http)(.*?): /gm)].map(
    ([, site = '']) => site,
  );
  return sites.filter((site) => !site.startsWith('series limit of'));
}

const validate = new Ajv({ allErrors: true }).compile(createFileSchema());

describe.each(SETTINGS)('$variable', ({ variable }) => {
  test('the setting takes effect from the environment', async () => {
    const example = exampleOf(variable);
    const observed = await observe(
      { ...others(variable), [variable]: example.text },
      example.hasAddress ?? true,
    );
    await expect.poll(() => example.holds(observed), { timeout: 30_000 }).toBe(true);
    if (observed.code === null) expect(reportsIn(await errorsOf(observed))).toEqual([]);
  });

  test('the setting is reported if it is wrong in the environment, and the program runs', async () => {
    const example = exampleOf(variable);
    const observed = await observe(
      { ...others(variable), [variable]: example.wrongText },
      variable !== 'THRIFT_METRICS_PORT',
    );
    expect(observed.code).toBe(null);
    expect(await example.holds(observed)).toBe(false);
    const stderr = await errorsOf(observed);
    const where = variable === 'THRIFT_METRICS_CONFIG' ? example.wrongText : variable;
    expect(stderr).toContain(`thrift-metrics: ${where}: `);
    expect(stderr).toContain(example.expected);
    expect(stderr).not.toContain(SECRET);
  });
});

/** All settings except the one that names the file. */
const settingsOfFile = SETTINGS.flatMap(({ variable, key }) =>
  key === null ? [] : { variable, key },
);

describe.each(settingsOfFile)('$variable', ({ variable, key }) => {
  test('the setting takes effect from the file', async () => {
    const example = exampleOf(variable);
    const file = fileWith(key, example.inFile ?? example.text);
    const variables: Record<string, string> = {
      ...others(variable),
      THRIFT_METRICS_CONFIG: file,
    };
    const observed = await observe(variables, example.hasAddress ?? true);
    await expect.poll(() => example.holds(observed), { timeout: 30_000 }).toBe(true);
    if (observed.code === null) expect(reportsIn(await errorsOf(observed))).toEqual([]);
  });

  test('the setting is reported with its line if it is wrong in the file', async () => {
    const example = exampleOf(variable);
    const value = example.wrongInFile ?? example.wrongText;
    const file = fileWith(key, value);
    const variables: Record<string, string> = {
      ...others(variable),
      THRIFT_METRICS_CONFIG: file,
    };
    const observed = await observe(variables, variable !== 'THRIFT_METRICS_PORT');
    expect(observed.code).toBe(null);
    expect(await example.holds(observed)).toBe(false);
    const stderr = await errorsOf(observed);
    expect(stderr).toContain(`thrift-metrics: ${file}:${key.split('.').length}: `);
    expect(stderr).toContain(example.expected);
    expect(stderr).not.toContain(SECRET);
  });

  test('the schema of the file describes the setting', () => {
    const { text, inFile = text } = exampleOf(variable);
    // Words for true and false are for templates that can only write text.
    const typed = inFile === 'off' ? false : inFile;
    expect([validate(nested(key, typed)), validate.errors]).toEqual([true, null]);
  });
});

test('every setting has an example', () => {
  expect(Object.keys(examples).toSorted()).toEqual(
    SETTINGS.map(({ variable }) => variable).toSorted(),
  );
});
