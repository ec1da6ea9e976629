import assert from 'node:assert/strict';

import { register } from 'prom-client';
import { ThriftMetricsError } from 'thrift-metrics';

export interface Case {
  name: string;
  run: () => void | Promise<void>;
}

type Labels = Readonly<Record<string, string>>;

/** The value of the only series with exactly these labels; undefined when it does not exist. */
export async function read(sample: string, labels: Labels): Promise<number | undefined> {
  const found = (await allSamples()).filter(
    (candidate) => candidate.sample === sample && sameLabels(candidate.labels, labels),
  );
  assert.ok(found.length <= 1, `${sample}${JSON.stringify(labels)} occurs ${found.length} times`);
  return found[0]?.value;
}

/** The distinct sample names of a service; empty when the service has no series. */
export async function samplesOf(service: string): Promise<string[]> {
  const own = (await allSamples()).filter(({ labels }) => labels['thrift_service'] === service);
  return [...new Set(own.map(({ sample }) => sample))].toSorted();
}

/** The `thrift_method` values under which a service has series of the given sample name. */
export async function methodsOf(sample: string, service: string): Promise<string[]> {
  const own = (await allSamples()).filter(
    (candidate) => candidate.sample === sample && candidate.labels['thrift_service'] === service,
  );
  return own.map(({ labels }) => labels['thrift_method'] ?? '').toSorted();
}

export async function familyNames(): Promise<string[]> {
  return (await register.getMetricsAsJSON()).map(({ name }) => name);
}

export async function helpOf(family: string): Promise<string | undefined> {
  return (await register.getMetricsAsJSON()).find(({ name }) => name === family)?.help;
}

/** Evaluates a class statement that must be rejected, and returns the error. */
export function refusal(define: () => unknown): ThriftMetricsError {
  const error = thrownBy(define);
  assert.ok(error instanceof ThriftMetricsError, `not a ThriftMetricsError: ${String(error)}`);
  assert.equal(typeof error.code, 'string');
  return error;
}

export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

/** A promise that resolves when `finish` is called. */
export function deferred(): { promise: Promise<void>; finish: () => void } {
  let finish: (() => void) | undefined;
  const promise = new Promise<void>((resolve) => (finish = resolve));
  return { promise, finish: () => finish?.() };
}

// oxlint-disable-next-line typescript/no-explicit-any -- the only type that is allowed at every location in both dialects
export type AnyDecorator = (...args: any[]) => any;

/** A decorator without its types, as JavaScript could use it where the types would reject it. */
export function untyped(decorator: unknown): AnyDecorator {
  return decorator as AnyDecorator;
}

interface Sample {
  sample: string;
  labels: Labels;
  value: number;
}

async function allSamples(): Promise<Sample[]> {
  const families = await register.getMetricsAsJSON();
  return families.flatMap(({ name, values }) =>
    values.map((entry: { labels: object; value: number; metricName?: string }) => ({
      sample: entry.metricName ?? name,
      labels: Object.fromEntries(
        Object.entries(entry.labels).map(([label, value]) => [label, String(value)]),
      ),
      value: entry.value,
    })),
  );
}

function sameLabels(found: Labels, wanted: Labels): boolean {
  const names = Object.keys(wanted);
  return (
    Object.keys(found).length === names.length &&
    names.every((name) => found[name] === wanted[name])
  );
}
