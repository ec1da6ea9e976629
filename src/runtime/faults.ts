import { CATALOGUE } from '../metrics/catalogue';
import type { FaultSink } from '../recording/call-labels';
import { builtInSeries } from './families';
import { warnOnConsole } from './settings';
import { state } from './runtime';

/** Counts a fault of metrics code and reports the first of each site. Never throws. */
export const faults: FaultSink = {
  report(site, error) {
    try {
      builtInSeries(CATALOGUE.internalErrors, { site }).cell.value++;
    } catch {
      // Without a registry there is nowhere to count; the report below still says what happened.
    }
    warnOnce(site, error);
  },
};

/** Reports through `onError` unless that site was reported before. Never throws. */
export function warnOnce(site: string, error: unknown): void {
  if (state.reported.has(site)) return;
  state.reported.add(site);
  const { onError } = state.settings;
  try {
    onError(error, site);
  } catch (fault) {
    if (onError !== warnOnConsole) warnOnConsole(fault, 'onError');
  }
}
