/** The labels of one series. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Escapes a label value for the text formats. Not by a regular expression: V8 ends the process if it compiles one when the
 * stack is nearly full, where the error of an endless recursion may get its series.
 */
export function escapeLabelValue(value: string): string {
  if (!value.includes('\\') && !value.includes('"') && !value.includes('\n')) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function unescapeLabelValue(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replaceAll(/\\(.)/g, (_match, escaped: string) =>
    escaped === 'n' ? '\n' : escaped,
  );
}

function labelPair(name: string, value: string): string {
  return `${name}="${escapeLabelValue(value)}"`;
}

/** One pair in a label text. A quote within a value follows a backslash, so a pair cannot end early. */
const PAIR = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** The text between the braces of a text line, with the labels in the order of the object. */
export function labelText(labels: Labels): string {
  const pairs: string[] = [];
  for (const name in labels) pairs.push(labelPair(name, labels[name] as string));
  // `join` copies the pairs. Concatenation would keep a tree of them, which takes four times the memory.
  return pairs.join(',');
}

/** The label text of a series: sorted by name, and well-formed because UTF-8 cannot encode a lone surrogate. */
export function seriesText(labels: Labels): string {
  const sorted: Record<string, string> = {};
  for (const name of Object.keys(labels).toSorted()) sorted[name] = labels[name] as string;
  return labelText(sorted).toWellFormed();
}

/** Whether a label text has a label with this name. */
export function hasLabel(text: string, name: string): boolean {
  // A quote within a value follows a backslash, so it cannot begin a value here.
  return text.startsWith(`${name}="`) || text.includes(`,${name}="`);
}

/** Reads the labels from a label text. */
export function parseLabelText(text: string): Labels {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(PAIR)) {
    labels[name as string] = unescapeLabelValue(value as string);
  }
  return labels;
}

/** Identifies a label set: two sets have the same identity exactly when Prometheus takes them for the same labels. */
export function labelIdentity(
  labels: Iterable<readonly [name: string, value: string | number]>,
): string {
  const pairs: string[] = [];
  for (const [name, value] of labels) pairs.push(labelPair(name, String(value)));
  return identityOfPairs(pairs);
}

/** The {@link labelIdentity} of the labels in a label text. */
export function labelIdentityOfText(text: string): string {
  return identityOfPairs(text.match(PAIR) ?? []);
}

/**
 * Sorts the labels and leaves out empty values, which Prometheus treats as absent labels. Escaped values keep the result
 * unambiguous. Lone surrogates are replaced, because the formats write all of them as the same character.
 */
function identityOfPairs(pairs: readonly string[]): string {
  // An escaped quote follows a backslash, so only an empty value ends like this.
  const present = pairs.filter((pair) => !pair.endsWith('=""'));
  return present.toSorted().join(',').toWellFormed();
}
