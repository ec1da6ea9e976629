import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

import { missingLines } from './missing-lines';
import { runExample } from './run-example';

/** The spans of a request that reaches Python, from the first to the last. */
const WHOLE = [
  ['GET /entries/{key}', 'web', 'SERVER'],
  ['SharedService/getStruct', 'web', 'CLIENT'],
  ['SharedService/getStruct', 'entries', 'SERVER'],
  ['Calculator/calculate', 'entries', 'CLIENT'],
  ['Calculator/calculate', 'calculator', 'SERVER'],
  ['Calculator/add', 'calculator', 'CLIENT'],
];

/** A line without trace ids, numbers, and the widths that depend on them. */
const shapeOf = (line: string): string =>
  line
    .replaceAll(/\b[0-9a-f]{32}\b/g, '<id>')
    .replaceAll(/\d+(?:\.\d+)?(?= ms)|(?<=le=)[\d.]+/g, '<number>')
    .replaceAll(/━+/g, '')
    .replaceAll(/─+(?=[┬┼┴])|─+(?=[┐┤┘])/g, '─')
    .replaceAll(/ +/g, ' ')
    .trimEnd();

interface Trace {
  readonly id: string;
  /** Name, service and kind, each a child of the one before. */
  readonly spans: readonly (readonly string[])[];
  readonly depths: readonly number[];
}

function tracesIn(output: string): Trace[] {
  return [...output.matchAll(/^trace (\w+)\n((?: {2}.+\n)+)/gm)].map(([, id = '', lines = '']) => {
    const spans = [...lines.matchAll(/^( {2,}[└├─┬│ ]*)(\S.*?) {2,}(\w+) +([A-Z]+) +[\d.]+ ms/gm)];
    return {
      id,
      spans: spans.map(([, , name = '', service = '', kind = '']) => [name, service, kind]),
      depths: spans.map(([, before = '']) => before.length),
    };
  });
}

test('the traced example shows one trace from the web server to the last program in Node.js, and its exemplars', async () => {
  const { code, stdout, stderr } = await runExample('example:traced');

  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(missingLines('traced', stdout, shapeOf)).toEqual([]);
  const traces = tracesIn(stdout);
  expect(traces.map(({ spans }) => spans)).toEqual([WHOLE, WHOLE, WHOLE.slice(0, 3)]);
  expect(new Set(traces.map(({ id }) => id)).size).toBe(3);
  // Each span is a child of the one before.
  for (const { depths } of traces) expect(depths).toEqual([...new Set(depths)].toSorted(ascending));

  const exemplars = [
    ...stdout.matchAll(/│ (\w+) +│ (\w+) (\w+) (\S+) +│ ([\d.]+)(?: ms)? +│ (\w{32}) │ (.+?) +│/g),
  ].map(([, service, metric, method, place = '', value, trace = '', span]) => ({
    service,
    metric,
    method,
    place,
    value,
    span,
    // Which of the requests it was.
    request: traces.findIndex(({ id }) => id === trace),
  }));
  const SPANS = {
    entries: 'SharedService/getStruct of entries',
    calculator: 'Calculator/calculate of calculator',
  };
  for (const { service, span } of exemplars)
    expect(span).toBe(SPANS[service as keyof typeof SPANS]);
  expect(exemplars.filter(({ metric }) => metric === 'errors_total')).toMatchObject([
    { service: 'entries', method: 'getStruct', place: 'NotFound', value: '1', request: 2 },
  ]);
  for (const service of ['entries', 'calculator']) {
    const latencies = exemplars.filter(
      (each) => each.service === service && each.metric === 'latency_seconds_bucket',
    );
    // A bucket keeps the last of its calls.
    expect(latencies.map(({ request }) => request)).toContain(1);
    for (const { place, value } of latencies)
      expect(Number(value)).toBeLessThanOrEqual(1000 * Number(place.replace('le=', '')) + 0.05);
  }
  // Each sum once, and no call for the key that entries refuses.
  expect(stdout).toMatch(/^Python, .* has answered \[14, 42\]\.$/m);
});

test('the traced example passes its spans on to another collector', async () => {
  const received: unknown[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    received.push(await json(request));
    response.end('{}');
  };
  const other = createServer((request, response) => void receive(request, response));
  other.listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;

  const { code, stdout } = await runExample('example:traced', {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  });

  expect(code).toBe(0);
  const ids = JSON.stringify(received).matchAll(/"traceId":"(\w+)"/g);
  expect(new Set([...ids].map(([, id]) => id))).toEqual(
    new Set(tracesIn(stdout).map(({ id }) => id)),
  );
});

test('the traced example without ThriftPy says how to install it', async () => {
  const { code, stdout, stderr } = await runExample('example:traced', { PYTHON: '/bin/false' });

  expect(stdout).toBe('');
  expect(stderr).toMatch(/^This example needs Python with ThriftPy, .*python3-thriftpy.*\n$/);
  expect(code).toBe(1);
});

function ascending(left: number, right: number): number {
  return left - right;
}
