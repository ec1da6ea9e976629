/** The labels of one series. */
export type Labels = Readonly<Record<string, string>>;

const SPECIAL = /[\\"\n]/;

/** Escapes a label value as the text formats want it. */
export function escapeLabelValue(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/**
 * The labels as they stand between the braces of a text line, in the order of the object. Escaping makes this
 * injective, so with sorted names it serves as the identity of a series, too: no label value can imitate another set.
 */
export function labelText(labels: Labels): string {
  const pairs: string[] = [];
  for (const name in labels) pairs.push(`${name}="${escapeLabelValue(labels[name] as string)}"`);
  // Joined, since a string put together with `+` stays a tree of its parts, of four times the size.
  return pairs.join(',');
}

/** Sorted by name, and without what UTF-8 cannot hold: two lone surrogates would be written as one and the same value. */
export function canonicalLabels(labels: Labels): Labels {
  const sorted: Record<string, string> = {};
  for (const name of Object.keys(labels).toSorted())
    sorted[name] = (labels[name] as string).toWellFormed();
  return sorted;
}

/** To Prometheus a label with an empty value is a label that is not there. */
export function seriesIdentity(labels: Labels): string {
  const present: Record<string, string> = {};
  for (const name in labels) if (labels[name] !== '') present[name] = labels[name] as string;
  return labelText(present);
}

const PAIR = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** The labels that `labelText` has written. */
export function parseLabelText(text: string): Labels {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(PAIR)) {
    labels[name as string] = unescapeLabelValue(value as string);
  }
  return labels;
}

function unescapeLabelValue(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replaceAll(/\\(.)/g, (_match, escaped: string) =>
    escaped === 'n' ? '\n' : escaped,
  );
}

const WHOLE_PAIR = /[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\.)*"/g;

/** The same for each label text of one series, in whichever order the labels stand in it. */
export function identityOfText(text: string): string {
  const pairs = text.match(WHOLE_PAIR) ?? [];
  // Within a value a quote has a backslash before it, so this is an empty value.
  return pairs
    .filter((pair) => !pair.endsWith('=""'))
    .toSorted()
    .join(',');
}
