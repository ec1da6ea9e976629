// The rows of the benchmark's tables: what was measured, a reference from the same run, the two compared, and a target.

export const HEAD = ['what', 'measured', 'reference', 'compared', 'target', 'result'];

export const ns = (value) => `${value.toFixed(Math.abs(value) < 100 ? 1 : 0)} ns`;
export const ms = (value) => `${value.toFixed(1)} ms`;
export const us = (value) => `${value.toFixed(1)} µs`;
export const percent = (value) => `${(value * 100).toFixed(1)} %`;

/** Writes a difference with its sign. */
export const more = (value, write = ns) => `${value < 0 ? '' : '+'}${write(value)}`;

/** Creates a row. A row that is only there for comparison has no target. */
export function row(what, measured, reference, compared, target = '', met) {
  const verdict = met === undefined ? '' : met ? 'met' : '**missed**';
  return [what, measured, reference, compared, target, verdict];
}

/** Creates a row with the ratio of two durations, which is to be at most `limit`. */
export function ratio(what, value, referenceName, reference, limit) {
  const quotient = value / reference;
  return ratioRow(what, value, referenceName, reference, `≤ ${limit} x`, quotient <= limit);
}

/** Creates a row with the ratio of two durations, which is to be at least `limit`. */
export function ratioAtLeast(what, value, referenceName, reference, limit) {
  const quotient = value / reference;
  return ratioRow(what, value, referenceName, reference, `≥ ${limit} x`, quotient >= limit);
}

function ratioRow(what, value, referenceName, reference, target, met) {
  const compared = `${(value / reference).toFixed(2)} x`;
  return row(what, ns(value), `${referenceName}: ${ns(reference)}`, compared, target, met);
}

/** Creates a row with the difference of two durations, which is to be at most `limit`, if there is one. */
export function difference(what, value, referenceName, reference, limit) {
  const added = value - reference;
  const target = limit === undefined ? [] : [`≤ +${limit} ns`, added <= limit];
  return row(what, ns(value), `${referenceName}: ${ns(reference)}`, more(added), ...target);
}
