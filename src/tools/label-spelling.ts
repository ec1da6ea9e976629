import type { LabelNames } from '../metrics/label-names';

/** A name in a query, a template or a text, or a string literal with the character before it. */
const TOKEN = /(.?)"((?:[^"\\]|\\.)*)"|[a-zA-Z_:][a-zA-Z0-9_:]*/gs;

/**
 * Writes the own names of built-in labels into a query, a template or a text. Values of matchers stay: a string literal is a
 * label name only where it does not follow `=` or `~`, as in `label_join`.
 */
function spellText(text: string, names: LabelNames): string {
  return text.replace(TOKEN, (token, before?: string, quoted?: string) => {
    if (quoted === undefined) return names.nameOf(token);
    if (before === '=' || before === '~') return token;
    const spelled = quoted.includes(' ') ? spellText(quoted, names) : names.nameOf(quoted);
    return `${before ?? ''}"${spelled}"`;
  });
}

/**
 * Writes the own names of built-in labels into everything that a generator has written with the built-in names: queries,
 * legends, templates, texts, and the keys of label sets.
 */
export function spellLabels<T>(value: T, names: LabelNames): T {
  return (names.isDefault ? value : spell(value, names)) as T;
}

function spell(value: unknown, names: LabelNames): unknown {
  if (typeof value === 'string') return spellText(value, names);
  if (Array.isArray(value)) return value.map((each) => spell(each, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [names.nameOf(key), spell(each, names)]),
  );
}
