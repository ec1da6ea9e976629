/** An alert of the example, with the numbers that follow from its objective, computed by hand. */
export interface ExpectedBurn {
  readonly method: string;
  readonly kind: 'availability' | 'latency';
  readonly long: string;
  /** In minutes. */
  readonly longMinutes: number;
  readonly short: string;
  readonly shortMinutes: number;
  /** The share of errors above which the alert fires. */
  readonly limit: number;
}

const OF_CLASS = ['ping', 'add', 'calculate', 'mean', 'zip', 'reset'] as const;

export const METHODS = [...OF_CLASS, 'factorize'];

const WORKBOOK = [
  { long: '1h', longMinutes: 60, short: '5m', shortMinutes: 5, factor: 14.4 },
  { long: '6h', longMinutes: 360, short: '30m', shortMinutes: 30, factor: 6 },
  { long: '1d', longMinutes: 1440, short: '2h', shortMinutes: 120, factor: 3 },
  { long: '3d', longMinutes: 4320, short: '6h', shortMinutes: 360, factor: 1 },
];

/**
 * The objectives of the class are 99.9 % without an error and 99 % within 0.25 s over 30 days: a thousandth and a
 * hundredth of the calls, times the factor. The objective of `factorize` is 95 % within 0.2 s over 7 days of 168 hours:
 * 2 % of them are 3.36 hours, 5 % are 8.4, 10 % are 16.8.
 */
export const BURNS: readonly ExpectedBurn[] = [
  ...OF_CLASS.flatMap((method) =>
    WORKBOOK.flatMap(({ factor, ...windows }) => [
      { method, kind: 'availability' as const, ...windows, limit: factor * 0.001 },
      { method, kind: 'latency' as const, ...windows, limit: factor * 0.01 },
    ]),
  ),
  ...[
    { long: '1h', longMinutes: 60, short: '5m', shortMinutes: 5, limit: 0.168 },
    { long: '6h', longMinutes: 360, short: '30m', shortMinutes: 30, limit: 0.07 },
    { long: '16h48m', longMinutes: 1008, short: '1h24m', shortMinutes: 84, limit: 0.05 },
  ].map((windows) => ({ method: 'factorize', kind: 'latency' as const, ...windows })),
];

export const ALERT_OF_KIND = {
  availability: 'ThriftAvailabilityBudgetBurn',
  latency: 'ThriftLatencyBudgetBurn',
} as const;
