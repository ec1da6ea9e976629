import type { Series } from '../metrics/family';
import { BUILT_IN_NAMES, type LabelNames } from '../metrics/label-names';
import { hasLabel, type Labels, labelText } from '../metrics/labels';

/** Adds default labels to the labels of series, and renames built-in labels, in the form of a text line. */
export class MergedLabels {
  private readonly names: readonly string[];
  /** The text of the default labels alone. */
  private readonly defaults: string;
  private readonly isRenamed: boolean;

  constructor(
    private readonly defaultLabels: Labels,
    private readonly labelNames: LabelNames = BUILT_IN_NAMES,
  ) {
    this.names = Object.keys(defaultLabels);
    this.defaults = labelText(defaultLabels);
    this.isRenamed = !labelNames.isDefault;
  }

  /** The labels of a series, followed by the default labels that the series does not set itself. */
  of(series: Series): string {
    const text = this.isRenamed ? series.textWith(this.labelNames) : series.text;
    if (this.defaults === '') return text;
    let { defaults } = this;
    if (this.names.some((name) => hasLabel(text, name))) {
      const others = Object.entries(this.defaultLabels).filter(([name]) => !hasLabel(text, name));
      defaults = labelText(Object.fromEntries(others));
    }
    return text === '' || defaults === '' ? text + defaults : `${text},${defaults}`;
  }
}
