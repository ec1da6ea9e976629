import { programOptionsOf } from '../api/configure';
import { serverDefaultsOf } from '../endpoint/server-defaults';
import type { Runtime } from '../runtime/runtime';
import { outsideSettingsOf } from './outside-settings';
import { type Setting, SETTINGS } from './settings-table';

/** The value of a setting, and what sets it. */
export interface DescribedSetting {
  /** The key in the file, or null if only the environment can set it. */
  readonly key: string | null;
  readonly variable: string;
  /** Data that JSON can hold. A secret is `(set)`. Null if nothing is set. */
  readonly value: unknown;
  readonly source: 'program' | 'environment' | 'file' | 'default';
  /** The variable, the file with the line, the function of the program, or null for a default. */
  readonly where: string | null;
}

/** Stands for a value that must not be shown, or that cannot be. */
const REDACTED = '(set)';

/**
 * Describes the settings in force, in the order of the reference. The program's own options of a server are those of the metrics
 * server that started last. All other settings of a server are those that the next one gets.
 */
export function describeSettings(runtime: Runtime): DescribedSetting[] {
  return SETTINGS.map((setting) => {
    const { key, variable, fallback, kind } = setting;
    const ofProgram = programValue(runtime, setting);
    if (ofProgram !== undefined) {
      return { key, variable, value: ofProgram.value, source: 'program', where: ofProgram.where };
    }
    const found = outsideSettingsOf(runtime).find(setting);
    if (found === null) return { key, variable, value: fallback, source: 'default', where: null };
    const value = kind.isSecret === true ? REDACTED : found.value;
    return { key, variable, value, source: found.source, where: found.where };
  });
}

/** What the program itself sets. It wins over every other source. */
function programValue(
  runtime: Runtime,
  { target, option }: Setting,
): { readonly value: unknown; readonly where: string } | undefined {
  if (target === 'metrics') {
    const options: Readonly<Record<string, unknown>> = { ...programOptionsOf(runtime) };
    if (options[option] === undefined) return undefined;
    return { value: asData(options[option]), where: 'configureMetrics' };
  }
  const options: Readonly<Record<string, unknown>> = {
    ...serverDefaultsOf(runtime).ofProgram,
  };
  // The program sets `auth` and `tls` as a whole, and what they contain may be secret.
  const name = target === 'auth' || target === 'tls' ? target : option;
  if ((target !== 'server' && name === option) || options[name] === undefined) return undefined;
  return { value: target === 'server' ? options[name] : REDACTED, where: 'startMetricsServer' };
}

/** Replaces functions, such as `errorDetails` and `calls.arguments`, whose source code may name what must not be shown. */
function asData(value: unknown): unknown {
  if (typeof value === 'function') return REDACTED;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]: [string, unknown]) => [
      key,
      typeof each === 'function' ? REDACTED : each,
    ]),
  );
}
