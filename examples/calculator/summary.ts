import { register } from 'prom-client';

import type { Count, Tally } from './tally.js';

type Measured = Pick<Count, 'calls' | 'declared' | 'undeclared'>;

/** Formats the client's counts next to the metrics, for every measured method. */
export async function summary(tally: Tally): Promise<string> {
  const lines = [
    row('', ['the client', '', '', '', 'the metrics', '', '']),
    row('method', ['calls', 'ok', 'declared', 'undeclared', 'requests', 'declared', 'undeclared']),
  ];
  let agree = true;
  for (const [name, metrics] of await measured()) {
    const client = tally.of(name);
    lines.push(
      row(name, [
        client.calls,
        client.ok,
        client.declared,
        client.undeclared,
        metrics.calls,
        metrics.declared,
        metrics.undeclared,
      ]),
    );
    agree &&=
      client.calls === metrics.calls &&
      client.declared === metrics.declared &&
      client.undeclared === metrics.undeclared;
  }
  lines.push(
    '',
    agree
      ? `The metrics agree with the client on all ${tally.total.calls} calls.`
      : 'The metrics differ from what the client counted: did another client make calls?',
  );
  return lines.join('\n');
}

async function measured(): Promise<[string, Measured][]> {
  const methods = new Map<string, Measured>();
  const add = async (family: string, field: (labels: Labels) => keyof Measured) => {
    for (const { labels, value } of await samples(family)) {
      const name = `${labels['thrift_service']}.${labels['thrift_method']}`;
      const count = methods.get(name) ?? { calls: 0, declared: 0, undeclared: 0 };
      count[field(labels)] += value;
      methods.set(name, count);
    }
  };
  await add('thrift_server_requests_total', () => 'calls');
  await add('thrift_server_errors_total', (labels) =>
    labels['thrift_exception_kind'] === 'declared' ? 'declared' : 'undeclared',
  );
  return [...methods].toSorted(([a], [b]) => a.localeCompare(b));
}

type Labels = Partial<Record<string, string | number>>;

async function samples(family: string): Promise<{ labels: Labels; value: number }[]> {
  return (await register.getSingleMetric(family)?.get())?.values ?? [];
}

function row(name: string, cells: (string | number)[]): string {
  return [name.padEnd(26), ...cells.map((cell) => String(cell).padStart(12))].join('').trimEnd();
}
