import type { Change, ChangeName } from './change-kinds';
import type { ComparedDeclaration, ComparedMethod } from './compared-declaration';
import { compareMetric } from './compare-metrics';
import { compareObjectives } from './compare-objectives';

/** Lists the differences between two declarations, by method. */
export function compareDeclarations(
  before: ComparedDeclaration,
  after: ComparedDeclaration,
): Change[] {
  const changes: Change[] = [];
  const add = (kind: ChangeName, of: string, from: string, to: string): void => {
    changes.push({ kind, of, metric: null, before: from, after: to });
  };
  if (before.prefix !== after.prefix) add('prefix-changed', '-', before.prefix, after.prefix);
  const newServices = renamedServices(before.methods, after.methods);
  for (const [from, to] of newServices) add('service-renamed', from, from, to);
  const remaining = new Map(after.methods.map((method) => [keyOf(method), method]));
  for (const method of before.methods) {
    const { service } = method;
    const key = keyOf({ ...method, service: newServices.get(service) ?? service });
    const other = remaining.get(key);
    remaining.delete(key);
    if (other === undefined) add('method-removed', keyOf(method), keyOf(method), '');
    else changes.push(...compareMethods(method, other, { before, after }));
  }
  for (const key of remaining.keys()) add('method-added', key, '', key);
  return changes;
}

function keyOf({ service, method }: Pick<ComparedMethod, 'service' | 'method'>): string {
  return `${service}.${method}`;
}

function* compareMethods(
  before: ComparedMethod,
  after: ComparedMethod,
  prefixes: { readonly before: ComparedDeclaration; readonly after: ComparedDeclaration },
): Generator<Change> {
  const of = keyOf(before);
  const change = (kind: ChangeName, from: string, to: string, metric: string | null): Change => ({
    kind,
    of,
    metric,
    before: from,
    after: to,
  });
  if (
    before.declaredBy !== undefined &&
    after.declaredBy !== undefined &&
    before.declaredBy !== after.declaredBy
  ) {
    yield change('class-renamed', before.declaredBy, after.declaredBy, null);
  }
  const plainBefore = (name: string): string => withoutPrefix(name, prefixes.before.prefix);
  const plainAfter = (name: string): string => withoutPrefix(name, prefixes.after.prefix);
  const left = [...after.metrics];
  const take = (at: number) => (at === -1 ? undefined : left.splice(at, 1)[0]);
  const unmatched = new Set(
    before.metrics.filter((metric) => {
      const { kind, name } = metric;
      return !left.some(
        (other) => other.kind === kind && plainAfter(other.name) === plainBefore(name),
      );
    }),
  );
  for (const metric of before.metrics) {
    const { kind, name } = metric;
    const isRenamed = unmatched.has(metric);
    const other = take(
      left.findIndex(
        (each) =>
          each.kind === kind &&
          (plainAfter(each.name) === plainBefore(name) ||
            (isRenamed &&
              !before.metrics.some((old) => plainBefore(old.name) === plainAfter(each.name)))),
      ),
    );
    if (other === undefined) yield change('metric-removed', name, '', name);
    else {
      if (isRenamed) yield change('metric-renamed', name, other.name, name);
      for (const each of compareMetric(metric, other)) yield { of, metric: name, ...each };
    }
  }
  for (const { name } of left) yield change('metric-added', '', name, name);
  for (const each of compareObjectives(before.objective, after.objective)) {
    yield { of, metric: null, ...each };
  }
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** Pairs services that are gone with new ones that have at least half of their methods. */
function renamedServices(
  before: readonly ComparedMethod[],
  after: readonly ComparedMethod[],
): Map<string, string> {
  const renamed = new Map<string, string>();
  const old = methodsByService(before);
  const added = methodsByService(after);
  for (const [service, methods] of old) {
    if (added.has(service)) continue;
    const match = [...added].find(
      ([name, others]) =>
        !old.has(name) &&
        ![...renamed.values()].includes(name) &&
        2 * [...methods].filter((method) => others.has(method)).length >=
          Math.max(methods.size, others.size),
    );
    if (match !== undefined) renamed.set(service, match[0]);
  }
  return renamed;
}

function methodsByService(methods: readonly ComparedMethod[]): Map<string, Set<string>> {
  const services = new Map<string, Set<string>>();
  for (const { service, method } of methods) {
    services.set(service, (services.get(service) ?? new Set()).add(method));
  }
  return services;
}
