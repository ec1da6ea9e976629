import type { DeclaredObjective } from '../../../declaration/objective';
import { percentOf } from '../../../slo/percent';
import type { LocalChange } from './compare-metrics';

/** Lists the differences between two objectives of a method. Undefined is unknown, null is none. */
export function* compareObjectives(
  before: DeclaredObjective | null | undefined,
  after: DeclaredObjective | null | undefined,
): Generator<LocalChange> {
  if (before === undefined || after === undefined) return;
  yield* compareTargets('available', before?.availability ?? null, after?.availability ?? null);
  const latencyBefore = before?.latency ?? null;
  const latencyAfter = after?.latency ?? null;
  yield* compareTargets('in time', latencyBefore?.target ?? null, latencyAfter?.target ?? null);
  if (latencyBefore !== null && latencyAfter !== null) {
    const { within: from } = latencyBefore;
    const { within: to } = latencyAfter;
    if (from !== to) {
      const kind = to > from ? 'latency-bound-raised' : 'latency-bound-lowered';
      yield { kind, before: `${from} s`, after: `${to} s` };
    }
  }
  if (before === null || after === null) return;
  if (before.window !== after.window) {
    yield { kind: 'window-changed', before: before.window, after: after.window };
  }
  const { declaredExceptionsAreErrors: counted } = after;
  if (before.declaredExceptionsAreErrors !== counted) {
    const kind = counted ? 'declared-errors-counted' : 'declared-errors-ignored';
    yield { kind, before: String(!counted), after: String(counted) };
  }
}

function* compareTargets(
  what: string,
  before: number | null,
  after: number | null,
): Generator<LocalChange> {
  const show = (target: number | null): string =>
    target === null ? '' : `${percentOf(target)}% ${what}`;
  if (before === after) return;
  const kind =
    before === null
      ? 'objective-added'
      : after === null
        ? 'objective-removed'
        : after < before
          ? 'target-loosened'
          : 'target-tightened';
  yield { kind, before: show(before), after: show(after) };
}
