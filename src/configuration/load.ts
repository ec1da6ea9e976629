import { currentRuntime } from '../runtime/runtime';
import { outsideSettingsOf } from './outside-settings';

/**
 * Applies the settings that are made outside the program, before any of its code can declare a metric or start a server.
 *
 * @throws {@link ThriftMetricsError} if one is wrong and the setting `strict` is on.
 */
export function loadSettings(): void {
  outsideSettingsOf(currentRuntime()).load(environmentOf(process));
}

/** Deno refuses to list the variables of a process that may not read them. */
function environmentOf({ env }: NodeJS.Process): Readonly<Record<string, string | undefined>> {
  try {
    return { ...env };
  } catch {
    return {};
  }
}
