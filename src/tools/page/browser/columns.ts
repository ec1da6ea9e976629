/** The columns after the name of the method. */
const FIGURES = [
  'rate',
  'failedRatio',
  'badRatio',
  'p50',
  'p95',
  'p99',
  'inFlight',
  'oldest',
  'budget',
] as const;

export type FigureColumn = (typeof FIGURES)[number];

/** The widths of the page in pixels from which a column fits. All others always do. */
const FITS_FROM: Partial<Record<FigureColumn, number>> = { p50: 1290, p95: 1200 };

/** The columns that a page of this width has. */
export function fittingFigures(width: number): FigureColumn[] {
  return FIGURES.filter((column) => width >= (FITS_FROM[column] ?? 0));
}

export const HEADINGS: Readonly<Record<'method' | FigureColumn, string>> = {
  method: 'Method',
  rate: 'Calls',
  failedRatio: 'Failed',
  badRatio: 'Bad',
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
  inFlight: 'In flight',
  oldest: 'Oldest',
  budget: 'Budget',
};
