import type { DeclaredMethod, DeclaredMetric } from '../../declaration/describe';
import type { DeclaredObjective } from '../../declaration/objective';
import { LABEL, METRIC_KINDS } from '../../metrics/catalogue';
import type { LabelNames } from '../../metrics/label-names';
import { percentOf } from '../../slo/percent';
import { groupBy } from '../group-by';
import { shown } from './output';
import { renderTrees, type TreeLines, type TreeNode } from './tree-lines';

/** Renders services, their methods with objectives, and the metrics of each with type and labels. */
export function methodTree(
  methods: readonly DeclaredMethod[],
  labelNames: LabelNames,
  lines: TreeLines,
): string[] {
  const ofTree = new Set([LABEL.service, LABEL.method].map((name) => labelNames.nameOf(name)));
  const metrics = methods.flatMap((method) => method.metrics);
  const widths = {
    name: Math.max(0, ...metrics.map(({ name }) => shown(name).length)),
    type: Math.max(0, ...metrics.map(({ type }) => type.length)),
  };
  const services = groupBy(methods, ({ service }) => service);
  const roots = [...services].map(([service, members]): TreeNode => {
    const shared = sharedObjective(members);
    return {
      text: join([shown(service), shared === null ? '' : describeObjective(shared)]),
      children: members.map(({ method, objective, metrics: own }) => ({
        text: join([
          shown(method),
          objective === null || shared !== null ? '' : describeObjective(objective),
        ]),
        children: own.toSorted(byKind).map((metric) => ({
          text: join([
            shown(metric.name).padEnd(widths.name),
            metric.type.padEnd(widths.type),
            labelsOf(metric, ofTree),
          ]),
          children: [],
        })),
      })),
    };
  });
  return renderTrees(roots, lines);
}

function join(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .join('  ')
    .trimEnd();
}

/** The objective that all methods of a service share, or null. */
function sharedObjective(methods: readonly DeclaredMethod[]): DeclaredObjective | null {
  const [first] = methods;
  const objective = first?.objective ?? null;
  if (objective?.scope !== 'service') return null;
  const text = JSON.stringify(objective);
  return methods.every((each) => JSON.stringify(each.objective) === text) ? objective : null;
}

function byKind(a: DeclaredMetric, b: DeclaredMetric): number {
  return METRIC_KINDS.indexOf(a.kind) - METRIC_KINDS.indexOf(b.kind);
}

/** The labels that are not in the tree anyway. Constant labels are shown with their values. */
function labelsOf({ labelNames, labels }: DeclaredMetric, ofTree: ReadonlySet<string>): string {
  const texts = labelNames
    .filter((name) => !ofTree.has(name))
    .map((name) => (Object.hasOwn(labels, name) ? `${name}=${labels[name]}` : name));
  return shown(texts.join(', '));
}

function describeObjective({ availability, latency, window, scope }: DeclaredObjective): string {
  const targets = [
    ...(availability === undefined ? [] : [`${percentOf(availability)}% available`]),
    ...(latency === undefined ? [] : [`${percentOf(latency.target)}% within ${latency.within} s`]),
  ];
  const shared = scope === 'service' ? ', all methods' : '';
  return `${targets.join(', ')} over ${window}${shared}`;
}
