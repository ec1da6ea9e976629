import { LABEL } from './catalogue';
import { hasLabel, type Labels } from './labels';

/** The built-in labels that can have other names: those that begin with `thrift_`. */
export const RENAMABLE_LABELS: readonly string[] = Object.values(LABEL).filter((name) =>
  name.startsWith('thrift_'),
);

/** How readers see one built-in label. */
interface Renamed {
  readonly builtIn: string;
  readonly own: string;
  /** The beginning of a label pair, such as `thrift_service="`, under each of the names. */
  readonly builtInPair: string;
  readonly ownPair: string;
}

/**
 * The names under which readers see the built-in labels. Cells, workers and tools use the built-in names; the names are
 * replaced where a family is rendered, and where a query or a rule is written.
 */
export class LabelNames {
  private readonly renamed: readonly Renamed[];

  constructor(
    /** The own name of each renamed label. */
    readonly mapping: Readonly<Record<string, string>>,
  ) {
    this.renamed = Object.entries(mapping)
      .filter(([builtIn, own]) => builtIn !== own)
      .map(([builtIn, own]) => ({
        builtIn,
        own,
        builtInPair: `${builtIn}="`,
        ownPair: `${own}="`,
      }));
  }

  /** Whether every label has its built-in name. */
  get isDefault(): boolean {
    return this.renamed.length === 0;
  }

  /** The name that readers see for a built-in label. */
  nameOf(builtIn: string): string {
    return this.renamed.find((each) => each.builtIn === builtIn)?.own ?? builtIn;
  }

  /** The built-in name of a label that readers see. */
  builtInOf(name: string): string {
    return this.renamed.find((each) => each.own === name)?.builtIn ?? name;
  }

  /** The pairs of built-in name and own name, as `thrift_metrics_info` shows them. Empty if no label is renamed. */
  get text(): string {
    return this.renamed.map(({ builtIn, own }) => `${builtIn}=${own}`).join(',');
  }

  /** Renames the labels in a label text. A default label that has one of the own names gives way. */
  inText(text: string): string {
    let renamed = text;
    // A quote within a value follows a backslash, so a value cannot contain the beginning of a pair.
    for (const { own, builtInPair, ownPair } of this.renamed) {
      let at = renamed.startsWith(builtInPair) ? 0 : renamed.indexOf(`,${builtInPair}`);
      if (at === -1) continue;
      if (hasLabel(renamed, own)) {
        renamed = withoutLabel(renamed, ownPair);
        at = renamed.startsWith(builtInPair) ? 0 : renamed.indexOf(`,${builtInPair}`);
      }
      if (at > 0) at++;
      renamed = renamed.slice(0, at) + ownPair + renamed.slice(at + builtInPair.length);
    }
    return renamed;
  }

  /** Renames labels in a list. A label that has one of the own names gives way. */
  inList<L extends { readonly name: string }>(labels: readonly L[]): L[] {
    let renamed = [...labels];
    for (const { own, builtIn } of this.renamed) {
      if (!renamed.some(({ name }) => name === builtIn)) continue;
      renamed = renamed
        .filter(({ name }) => name !== own)
        .map((label) => (label.name === builtIn ? { ...label, name: own } : label));
    }
    return renamed;
  }

  /** Renames labels. A default label that has one of the own names gives way. */
  inLabels(labels: Labels): Labels {
    if (this.isDefault) return labels;
    const renamed: Record<string, string> = { ...labels };
    for (const { builtIn, own } of this.renamed) {
      const value = renamed[builtIn];
      if (value === undefined) continue;
      delete renamed[builtIn];
      renamed[own] = value;
    }
    return renamed;
  }
}

/** Every label has its built-in name. */
export const BUILT_IN_NAMES: LabelNames = new LabelNames({});

/** Reads the names from the text in `thrift_metrics_info`. */
export function parseLabelNames(text: string): Record<string, string> {
  const mapping: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const [builtIn = '', own = ''] = pair.split('=');
    if (RENAMABLE_LABELS.includes(builtIn) && own !== '') mapping[builtIn] = own;
  }
  return mapping;
}

/** Removes a label from a label text. The pair must be in it. */
function withoutLabel(text: string, pair: string): string {
  const start = text.startsWith(pair) ? 0 : text.indexOf(`,${pair}`);
  let end = start + pair.length + (start === 0 ? 0 : 1);
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  // Without the comma before the pair, or after it if the pair is the first.
  return text.slice(0, start) + text.slice(start === 0 ? end + 2 : end + 1);
}
