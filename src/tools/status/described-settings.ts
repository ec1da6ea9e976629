import type { Runtime } from '../../runtime/runtime';
import { defaultSettings } from '../../runtime/settings';
import type { SettingStatus } from './process-status';

/** Describes the value of each setting of `configureMetrics`, and where it came from. */
export function describedSettings({ settings, gate, exemplars }: Runtime): SettingStatus[] {
  const defaults = defaultSettings();
  const describe = (name: string, value: string, isDefault: boolean): SettingStatus => ({
    name,
    value,
    origin: isDefault ? 'default' : 'code',
  });
  const same = (name: keyof typeof settings): boolean =>
    JSON.stringify(settings[name]) === JSON.stringify(defaults[name]);
  const { registry, processMetrics, nativeHistograms, onError } = settings;
  return [
    describe('defaultLabels', JSON.stringify(settings.defaultLabels), same('defaultLabels')),
    describe(
      'registry',
      registry === null ? 'the global registry of the client library' : 'a registry of the program',
      registry === null,
    ),
    describe('prefix', settings.prefix, same('prefix')),
    describe('buckets', settings.buckets.join(' '), same('buckets')),
    describe(
      'processMetrics',
      processMetrics === null ? 'false until a metrics server starts' : String(processMetrics),
      processMetrics === null,
    ),
    describe('enabled', String(gate.enabled), gate.enabled),
    describe('maxSeriesPerMetric', String(settings.maxSeriesPerMetric), same('maxSeriesPerMetric')),
    describe(
      'exemplar',
      exemplars.labels === null ? 'none' : 'a function',
      exemplars.labels === null,
    ),
    describe(
      'nativeHistograms',
      nativeHistograms === null ? 'false' : JSON.stringify(nativeHistograms),
      nativeHistograms === null,
    ),
    describe(
      'onError',
      onError === defaults.onError ? 'console.warn' : 'a function',
      onError === defaults.onError,
    ),
  ];
}
