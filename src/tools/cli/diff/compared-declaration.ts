import type { DeclaredMetric } from '../../../declaration/describe';
import type { DeclaredObjective } from '../../../declaration/objective';
import { CATALOGUE } from '../../../metrics/catalogue';
import { isObject } from '../../../validation/checks';

/** A metric of a method, as far as its source shows it. What the source does not show is undefined, and not compared. */
export interface ComparedMetric {
  readonly kind: string;
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Null for another type than a histogram. */
  readonly buckets: readonly number[] | null;
  readonly native?: boolean | undefined;
  /** Null for another type than a summary. */
  readonly quantiles: readonly number[] | null;
  /** Null if none are listed. */
  readonly exceptions?: readonly string[] | null | undefined;
}

export interface ComparedMethod {
  readonly service: string;
  readonly method: string;
  readonly declaredBy?: string | undefined;
  readonly metrics: readonly ComparedMetric[];
  readonly objective?: DeclaredObjective | null | undefined;
}

/** One side of the comparison. */
export interface ComparedDeclaration {
  readonly prefix: string;
  /** The labels that name a method, if an endpoint shows them. */
  readonly methodLabels?: readonly string[] | undefined;
  readonly methods: readonly ComparedMethod[];
}

export interface ListedMethod {
  readonly service: string;
  readonly method: string;
  readonly declaredBy: string;
  readonly metrics: readonly DeclaredMetric[];
  readonly failedRequests?: string;
  readonly objective: DeclaredObjective | null;
}

/** Reads the output of `list --json`, or returns null if the text is something else. */
export function parseList(text: string): ComparedDeclaration | null {
  let methods: unknown;
  try {
    methods = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isListedMethods(methods)) return null;
  const failedRequests = methods[0]?.failedRequests ?? '';
  return {
    prefix: failedRequests.endsWith(CATALOGUE.failedRequests.name)
      ? failedRequests.slice(0, -CATALOGUE.failedRequests.name.length)
      : '',
    methods: methods.map(({ service, method, declaredBy, objective, metrics }) => ({
      service,
      method,
      declaredBy,
      objective,
      metrics: metrics.map(({ kind, name, type, help, labelNames, labels, ...others }) => ({
        kind,
        name,
        type,
        help,
        labelNames,
        labels,
        buckets: others.buckets ?? null,
        native: others.native === true,
        quantiles: others.quantiles ?? null,
        exceptions: others.exceptions ?? null,
      })),
    })),
  };
}

/** Whether a value is what `list --json` writes. */
export function isListedMethods(value: unknown): value is ListedMethod[] {
  return Array.isArray(value) && value.every(isListedMethod);
}

function isListedMethod(value: unknown): value is ListedMethod {
  if (!isObject(value)) return false;
  const { service, method, declaredBy, metrics, objective } = value as Record<string, unknown>;
  return (
    [service, method, declaredBy].every(isText) &&
    (objective === null || isListedObjective(objective)) &&
    Array.isArray(metrics) &&
    metrics.every(isListedMetric)
  );
}

function isListedMetric(value: unknown): value is DeclaredMetric {
  if (!isObject(value)) return false;
  const metric = value as Record<string, unknown>;
  return (
    [metric['kind'], metric['name'], metric['type'], metric['help']].every(isText) &&
    isListOf(metric['labelNames'], isText) &&
    isObject(metric['labels']) &&
    Object.values(metric['labels']).every(isText) &&
    isListOf(metric['buckets'] ?? [], isNumber) &&
    isListOf(metric['quantiles'] ?? [], isNumber) &&
    isListOf(metric['exceptions'] ?? [], isText)
  );
}

function isListedObjective(value: unknown): value is DeclaredObjective {
  if (!isObject(value)) return false;
  const { availability, latency, window } = value as Record<string, unknown>;
  const { target, within } = (latency ?? { target: 0, within: 0 }) as Record<string, unknown>;
  return isText(window) && isNumber(availability ?? 0) && isNumber(target) && isNumber(within);
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}
