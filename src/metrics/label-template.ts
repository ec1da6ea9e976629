import type { LabelNames } from './label-names';
import { escapeLabelValue, labelText, type Labels } from './labels';

/** A label with a constant value, or with one of the values that a series has. */
interface TemplateLabel {
  readonly name: string;
  /** The constant value, or the position among the values of the series. */
  readonly value: string | number;
}

/**
 * The labels of series that differ only in some values. What their texts have in common is stored once for all of them, in
 * place of about 100 bytes for each.
 */
export class LabelTemplate {
  /** The texts before, between and after the values. */
  private readonly pieces: readonly string[];
  /** The positions of the values, in the order in which the text has them. */
  private readonly positions: readonly number[];
  private renamed: { readonly names: LabelNames; readonly template: LabelTemplate } | null = null;

  private constructor(private readonly labels: readonly TemplateLabel[]) {
    const pieces = [''];
    const positions: number[] = [];
    labels.forEach(({ name, value }, i) => {
      const comma = i === 0 ? '' : ',';
      if (typeof value === 'string') {
        pieces[pieces.length - 1] += comma + labelText({ [name]: value });
      } else {
        pieces[pieces.length - 1] += `${comma}${name}="`;
        pieces.push('"');
        positions.push(value);
      }
    });
    this.pieces = pieces;
    this.positions = positions;
  }

  /**
   * A template whose labels are sorted by name. All values have to be well-formed.
   *
   * @param names the labels with values of their own. Texts get the values in this order.
   */
  static of(constant: Labels, names: readonly string[]): LabelTemplate {
    const labels: TemplateLabel[] = names.map((name, value) => ({ name, value }));
    for (const [name, value] of Object.entries(constant)) labels.push({ name, value });
    return new LabelTemplate(labels.toSorted((one, other) => (one.name < other.name ? -1 : 1)));
  }

  /** The labels as a text line shows them between its braces. */
  text(values: readonly string[]): string {
    const { pieces, positions } = this;
    let text = pieces[0] as string;
    for (let i = 0; i < positions.length; i++) {
      text +=
        escapeLabelValue(values[positions[i] as number] as string) + (pieces[i + 1] as string);
    }
    return text;
  }

  /** The labels as an object, in the order of the text. */
  labelsOf(values: readonly string[]): Labels {
    return Object.fromEntries(
      this.labels.map(({ name, value }) => [
        name,
        typeof value === 'string' ? value : (values[value] as string),
      ]),
    );
  }

  /** The template with own names of built-in labels, kept for the next render. */
  with(names: LabelNames): LabelTemplate {
    if (this.renamed?.names !== names) {
      this.renamed = { names, template: new LabelTemplate(names.inList(this.labels)) };
    }
    return this.renamed.template;
  }
}
