import type { Series } from './family';
import { labelText, type Labels } from './label-text';

/** The labels of series with default labels behind them. */
export class MergedLabels {
  private readonly names: readonly string[];
  /** The default labels alone, as they stand in a text line. */
  readonly text: string;

  constructor(private readonly defaultLabels: Labels) {
    this.names = Object.keys(defaultLabels);
    this.text = labelText(defaultLabels);
  }

  /** The labels of a series with the default labels that it does not set itself, as they stand in a text line. */
  of(series: Series): string {
    const { text } = series;
    if (this.text === '') return text;
    let defaults = this.text;
    if (this.names.some((name) => series.hasLabel(name))) {
      const others = Object.entries(this.defaultLabels).filter(([name]) => !series.hasLabel(name));
      defaults = labelText(Object.fromEntries(others));
    }
    return text === '' || defaults === '' ? text + defaults : `${text},${defaults}`;
  }
}
