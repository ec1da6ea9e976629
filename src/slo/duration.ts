const MINUTES = { w: 7 * 24 * 60, d: 24 * 60, h: 60, m: 1 } as const;

/** Returns the minutes of a Prometheus duration in whole minutes, such as `4w` or `1h30m`. */
export function minutesOfDuration(duration: string): number {
  let minutes = 0;
  for (const [, count, unit] of duration.matchAll(/(\d+)([wdhm])/g)) {
    minutes += Number(count) * MINUTES[unit as keyof typeof MINUTES];
  }
  return minutes;
}

/** Writes whole minutes as a Prometheus duration: 90 is `1h30m`. */
export function durationOf(minutes: number): string {
  const parts = [
    [Math.floor(minutes / MINUTES.d), 'd'],
    [Math.floor((minutes % MINUTES.d) / MINUTES.h), 'h'],
    [minutes % MINUTES.h, 'm'],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
}

// https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
const DURATION = /^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;

/** Whether Prometheus accepts the value as a duration, and it is longer than 0. */
export function isDuration(value: unknown): boolean {
  return typeof value === 'string' && DURATION.test(value) && /[1-9]/.test(value);
}
