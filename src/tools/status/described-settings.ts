import { definePart } from '../../runtime/runtime';
import type { SettingStatus } from './process-status';

/** Describes the settings in force. The module that knows every source of settings sets `describe` when it is loaded. */
export const describedSettingsOf = definePart(
  'status.settings',
  (): { describe: () => SettingStatus[] } => ({ describe: () => [] }),
);
