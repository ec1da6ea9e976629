import type { CounterCell, GaugeCell } from './cell';
import type { HistogramCell } from './histogram-cell';
import type { LabelNames } from './label-names';
import { type Labels, parseLabelText } from './labels';
import type { SummaryCell } from './summary-cell';

/** The cell of each metric type. */
export interface CellOf {
  counter: CounterCell;
  gauge: GaugeCell;
  histogram: HistogramCell;
  summary: SummaryCell;
}

export type CellType = keyof CellOf;

/** Something that is declared at a location in the program, such as `CalculatorHandler.add`. */
export interface Located {
  /** Read only when it is needed, because a class may get its name after the declaration. */
  readonly location: string;
}

/** One series of a family. */
export interface Series<T extends CellType = CellType> {
  /** The labels as a text line shows them between its braces. */
  readonly text: string;
  /** The same labels as an object, built at every read. */
  readonly labels: Labels;
  readonly cell: CellOf[T];
  /** The first declaration of the series, for error messages. */
  readonly declaredBy: Located;
  /** The text with own names of built-in labels. */
  textWith(names: LabelNames): string;
}

/** A series that stores its label text. */
export class StoredSeries<T extends CellType = CellType> implements Series<T> {
  /** Number of declarations that write to the cell. */
  references = 0;
  /** The labels under own names, as of the last render with these names. Null unless labels are renamed. */
  private renamed: { readonly names: LabelNames; readonly text: string } | null = null;

  constructor(
    readonly text: string,
    readonly cell: CellOf[T],
    readonly declaredBy: Located,
  ) {}

  get labels(): Labels {
    return parseLabelText(this.text);
  }

  /** Keeps the text between renders, which would otherwise take twice as long. */
  textWith(names: LabelNames): string {
    if (this.renamed?.names !== names) {
      // A copy, because a concatenation keeps the texts that it consists of.
      const text = Buffer.from(names.inText(this.text)).toString();
      this.renamed = { names, text };
    }
    return this.renamed.text;
  }
}

/** How the values of several processes are combined. */
export type Aggregator = 'sum' | 'max';
