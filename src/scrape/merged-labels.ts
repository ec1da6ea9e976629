import type { Series } from '../metrics/family';
import { type Labels, labelText } from '../metrics/labels';

/** Adds default labels to the labels of series, in the form of a text line. */
export class MergedLabels {
  private readonly names: readonly string[];
  /** The text of the default labels alone. */
  private readonly defaults: string;

  constructor(private readonly defaultLabels: Labels) {
    this.names = Object.keys(defaultLabels);
    this.defaults = labelText(defaultLabels);
  }

  /** The labels of a series, followed by the default labels that the series does not set itself. */
  of(series: Series): string {
    const { text } = series;
    if (this.defaults === '') return text;
    let { defaults } = this;
    if (this.names.some((name) => series.hasLabel(name))) {
      const others = Object.entries(this.defaultLabels).filter(([name]) => !series.hasLabel(name));
      defaults = labelText(Object.fromEntries(others));
    }
    return text === '' || defaults === '' ? text + defaults : `${text},${defaults}`;
  }
}
