import { nearestNameHint } from '../../validation/nearest-name';
import type { ProfileType } from '../page/browser/profile-protocol';

/** A profile that a reader requests. */
export interface ProfileRequest {
  readonly type: ProfileType;
  readonly seconds: number;
  /** Microseconds between two samples of the CPU, or on average the bytes between two sampled allocations. */
  readonly interval: number;
}

/** The values of a parameter that are allowed. */
interface Bounds {
  readonly least: number;
  readonly most: number;
  /** The value if the reader does not set it. */
  readonly usual: number;
}

/** The shortest time needed to see anything, to the longest for which proxies usually wait for an answer. */
const SECONDS: Bounds = { least: 1, most: 60, usual: 10 };

/**
 * The usual intervals are those of V8. Shorter ones than the least hold the process up more than they show: at 100 µs, a
 * profile of a minute has 600,000 samples.
 */
const INTERVALS: Readonly<Record<ProfileType, Bounds>> = {
  cpu: { least: 100, most: 100_000, usual: 1000 },
  heap: { least: 4096, most: 16_777_216, usual: 32_768 },
};

const UNITS: Readonly<Record<ProfileType, string>> = { cpu: 'microseconds', heap: 'bytes' };

const PARAMETERS: readonly string[] = ['type', 'seconds', 'interval'];

/** Reads the query of a request. Returns a sentence that says what is allowed if something in it is wrong. */
export function readProfileRequest(query: URLSearchParams): ProfileRequest | string {
  for (const name of query.keys()) {
    if (!PARAMETERS.includes(name)) return unknownParameter(name);
    if (query.getAll(name).length > 1) return `'${name}' is set more than once. Set it once.`;
  }
  const type = query.get('type') ?? 'cpu';
  if (type !== 'cpu' && type !== 'heap') return `type=${shown(type)}: expected cpu or heap.`;
  const seconds = wholeNumber(query.get('seconds'), SECONDS);
  if (seconds === null) return wrongNumber('seconds', query, SECONDS, 'seconds');
  const interval = wholeNumber(query.get('interval'), INTERVALS[type]);
  if (interval === null) return wrongNumber('interval', query, INTERVALS[type], UNITS[type]);
  return { type, seconds, interval };
}

function wholeNumber(text: string | null, { least, most, usual }: Bounds): number | null {
  if (text === null) return usual;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : null;
}

function wrongNumber(
  name: string,
  query: URLSearchParams,
  { least, most, usual }: Bounds,
  unit: string,
): string {
  return `${name}=${shown(query.get(name) ?? '')}: expected a whole number of ${unit} from ${least} to ${most}. The default is ${usual}.`;
}

function unknownParameter(name: string): string {
  const hint = nearestNameHint(name.slice(0, 40), PARAMETERS);
  return `'${shown(name)}' is unknown.${hint} Allowed: ${PARAMETERS.join(', ')}.`;
}

/** Text of a request, short enough and without controls for a line of the answer. */
function shown(text: string): string {
  return text.slice(0, 40).replaceAll(/\p{Cc}/gu, ' ');
}
