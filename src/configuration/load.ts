import { adoptVariables } from '../runtime/process-manager';
import { currentRuntime } from '../runtime/runtime';
import { describedSettingsOf } from '../tools/status/described-settings';
import type { SettingStatus } from '../tools/status/process-status';
import { type DescribedSetting, describeSettings } from './describe-settings';
import { outsideSettingsOf } from './outside-settings';
import { PREFIX_OF_VARIABLES } from './settings-table';

/**
 * Applies the settings that are made outside the program, before any of its code can declare a metric or start a server.
 *
 * @throws {@link ThriftMetricsError} if one is wrong and the setting `strict` is on.
 */
export function loadSettings(): void {
  const runtime = currentRuntime();
  describedSettingsOf(runtime).describe = () => describeSettings(runtime).map(toStatus);
  outsideSettingsOf(runtime).load(() => {
    adoptVariables();
    return ownVariables(process);
  });
}

/** The variables of this package. Reading the value of every variable would take most of the time of an import without any. */
function ownVariables({ env }: NodeJS.Process): Readonly<Record<string, string | undefined>> {
  try {
    const names = Object.keys(env).filter((name) => name.startsWith(PREFIX_OF_VARIABLES));
    return Object.fromEntries(names.map((name) => [name, env[name]]));
  } catch {
    // Deno refuses to list the variables if the process may not read them.
    return {};
  }
}

function toStatus({ key, variable, value, source, where }: DescribedSetting): SettingStatus {
  const origin = source === 'program' ? 'code' : (where ?? 'default');
  return { name: key ?? variable, value: JSON.stringify(value) ?? String(value), origin };
}
