/** The columns after the name of the method. */
export const FIGURES = [
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

export const COLUMNS = ['method', ...FIGURES] as const;

export const HEADINGS: Readonly<Record<(typeof COLUMNS)[number], string>> = {
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
