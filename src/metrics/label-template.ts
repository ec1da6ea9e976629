import type { LabelNames } from './label-names';
import { escapeLabelValue, labelText, type Labels } from './labels';

/** A label with a constant value, or with one of the values that a series has. */
interface TemplateLabel {
  readonly name: string;
  /** The constant value, or the position among the values of the series. */
  readonly value: string | number;
}

/**
 * The labels of series that differ only in some values. What their texts have in common is stored once for all of them,
 * which saves about 100 bytes for each.
 */
export class LabelTemplate {
  /** The texts before, between and after the values. */
  private readonly texts: readonly string[];
  /** The position among the values of a series of each value in the text, in the order of the text. */
  private readonly positions: readonly number[];
  private renamed: { readonly names: LabelNames; readonly template: LabelTemplate } | null = null;

  private constructor(private readonly labels: readonly TemplateLabel[]) {
    const texts = [''];
    const positions: number[] = [];
    labels.forEach(({ name, value }, i) => {
      const comma = i === 0 ? '' : ',';
      if (typeof value === 'string') {
        texts[texts.length - 1] += comma + labelText({ [name]: value });
      } else {
        texts[texts.length - 1] += `${comma}${name}="`;
        texts.push('"');
        positions.push(value);
      }
    });
    this.texts = texts;
    this.positions = positions;
  }

  /**
   * A template whose labels are sorted by name. All values have to be well-formed.
   *
   * @param names the labels whose values each series has, in the order in which `text` and `labelsOf` get the values
   */
  static of(constant: Labels, names: readonly string[]): LabelTemplate {
    const labels: TemplateLabel[] = names.map((name, value) => ({ name, value }));
    for (const [name, value] of Object.entries(constant)) labels.push({ name, value });
    return new LabelTemplate(labels.toSorted((one, other) => (one.name < other.name ? -1 : 1)));
  }

  /** The labels as a text line shows them between its braces. */
  text(values: readonly string[]): string {
    const { texts, positions } = this;
    let text = texts[0] as string;
    for (let i = 0; i < positions.length; i++) {
      text += escapeLabelValue(values[positions[i] as number] as string) + (texts[i + 1] as string);
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
