import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';

import { startProgram } from '../support/start-program';

const DIST = join(__dirname, '../../dist');
const AUTO = join(DIST, 'auto.js');
const SPANS = join(__dirname, 'programs/print-spans.cjs');

interface PrintedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly code: SpanStatusCode;
  readonly error: string | null;
}

/** Runs a program until it ends, with the SDK of OpenTelemetry preloaded before or after this package. */
async function run(preloads: readonly string[], env: Readonly<Record<string, string>>) {
  const flags = preloads.flatMap((file) => ['--require', file]);
  const program = startProgram(
    process.execPath,
    [...flags, join(__dirname, 'programs/ends.cjs')],
    '',
    { THRIFT_METRICS_PORT: '0', ...env },
  );
  onTestFinished(() => program.stop());
  const { code, stdout, stderr } = await program.ended;
  const spans = [...stdout.matchAll(/^span (.*)$/gm)].map(
    ([, json = '']) => JSON.parse(json) as PrintedSpan,
  );
  return { code, stderr, spans };
}

test.each([
  ['before', [SPANS, AUTO]],
  ['after', [AUTO, SPANS]],
])(
  'THRIFT_METRICS_TRACING=true creates the spans of a program whose SDK starts %s auto',
  async (_, preloads) => {
    const { code, spans } = await run(preloads, { THRIFT_METRICS_TRACING: 'true' });
    expect(code).toBe(0);
    for (const kind of [SpanKind.SERVER, SpanKind.CLIENT]) {
      const calls = spans.filter((span) => span.kind === kind);
      expect(
        calls.map(({ name, error }) => `${name} ${error}`).toSorted((a, b) => (a < b ? -1 : 1)),
      ).toEqual([
        'Calculator/add null',
        'Calculator/add null',
        'Calculator/add null',
        'Calculator/calculate null',
        'Calculator/calculate null',
        `Calculator/mean ${kind === SpanKind.SERVER ? 'RangeError' : 'TApplicationException'}`,
        'Calculator/mean null',
        'Calculator/ping null',
      ]);
    }
  },
);

test.each(['', 'false'])('THRIFT_METRICS_TRACING=%s creates no spans', async (value) => {
  const { code, spans } = await run([SPANS, AUTO], { THRIFT_METRICS_TRACING: value });
  expect({ code, spans }).toEqual({ code: 0, spans: [] });
});

test('without @opentelemetry/api, the entry says what to install', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'thrift-metrics-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(DIST, join(folder, 'dist'), { recursive: true });
  await cp(
    join(DIST, '../node_modules/reflect-metadata'),
    join(folder, 'node_modules/reflect-metadata'),
    { recursive: true },
  );
  await writeFile(join(folder, 'app.cjs'), "require('./dist/opentelemetry.js');\n");
  const program = startProgram(process.execPath, [join(folder, 'app.cjs')], '', {}, folder);
  onTestFinished(() => program.stop());
  const { code, stderr } = await program.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('thrift-metrics/opentelemetry needs the package @opentelemetry/api');
  expect(stderr).toContain('TM_ERR_OPENTELEMETRY');
});
