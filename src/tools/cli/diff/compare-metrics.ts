import type { Change } from './change-kinds';
import type { ComparedMetric } from './compared-declaration';

/** A change, without where it is. */
export type LocalChange = Pick<Change, 'kind' | 'before' | 'after'>;

/** Lists the differences between two versions of one metric, apart from its name. */
export function* compareMetric(
  before: ComparedMetric,
  after: ComparedMetric,
): Generator<LocalChange> {
  if (before.type !== after.type) {
    // The points of another type have no counterpart.
    yield { kind: 'type-changed', before: before.type, after: after.type };
  } else {
    yield* comparePoints(before, after);
  }
  if (before.help !== after.help) {
    yield { kind: 'help-changed', before: before.help, after: after.help };
  }
  yield* compareLabels(before, after);
  yield* compareExceptions(before.exceptions, after.exceptions);
}

function* comparePoints(before: ComparedMetric, after: ComparedMetric): Generator<LocalChange> {
  const buckets = listChanges(before.buckets ?? [], after.buckets ?? []);
  yield* buckets('bucket-removed', 'bucket-added');
  const quantiles = listChanges(before.quantiles ?? [], after.quantiles ?? []);
  yield* quantiles('quantile-removed', 'quantile-added');
  if (before.native === undefined || after.native === undefined) return;
  if (before.native !== after.native) {
    const [from, to] = after.native ? ['classic', 'native'] : ['native', 'classic'];
    yield { kind: after.native ? 'native-on' : 'native-off', before: from, after: to };
  }
}

/** Lists what one list has and the other lacks. */
function listChanges<T>(before: readonly T[], after: readonly T[]) {
  return function* (
    removed: LocalChange['kind'],
    added: LocalChange['kind'],
  ): Generator<LocalChange> {
    const gone = before.filter((each) => !after.includes(each));
    const fresh = after.filter((each) => !before.includes(each));
    if (gone.length > 0) yield { kind: removed, before: gone.join(' '), after: '' };
    if (fresh.length > 0) yield { kind: added, before: '', after: fresh.join(' ') };
  };
}

function* compareLabels(before: ComparedMetric, after: ComparedMetric): Generator<LocalChange> {
  const constantsBefore = before.labels;
  const constantsAfter = after.labels;
  for (const name of before.labelNames) {
    if (!after.labelNames.includes(name)) {
      yield { kind: 'label-removed', before: name, after: '' };
    } else if (constantsBefore !== undefined && constantsAfter !== undefined) {
      const from = constantsBefore[name];
      const to = constantsAfter[name];
      if (from === to) continue;
      const kind =
        from === undefined
          ? 'label-fixed'
          : to === undefined
            ? 'label-varies'
            : 'label-value-changed';
      yield { kind, before: labelOf(name, from), after: labelOf(name, to) };
    }
  }
  for (const name of after.labelNames) {
    if (before.labelNames.includes(name)) continue;
    // An endpoint does not show which labels are constant.
    const isConstant = constantsAfter === undefined || Object.hasOwn(constantsAfter, name);
    const kind = isConstant ? 'constant-label-added' : 'call-label-added';
    yield { kind, before: '', after: labelOf(name, constantsAfter?.[name]) };
  }
}

function labelOf(name: string, value: string | undefined): string {
  return value === undefined ? name : `${name}=${value}`;
}

function* compareExceptions(
  before: readonly string[] | null | undefined,
  after: readonly string[] | null | undefined,
): Generator<LocalChange> {
  if (before === undefined || after === undefined) return;
  if (before === null && after === null) return;
  if (before === null) {
    yield { kind: 'exceptions-listed', before: '', after: (after ?? []).join(' ') };
  } else if (after === null) {
    yield { kind: 'exceptions-unlisted', before: before.join(' '), after: '' };
  } else {
    yield* listChanges(before, after)('exception-removed', 'exception-added');
  }
}
