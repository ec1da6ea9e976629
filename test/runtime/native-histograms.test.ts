import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { configureMetrics, Timed, type MetricsConfiguration } from '../../src/index';
import { DEFAULT_NATIVE_HISTOGRAMS } from '../../src/runtime/settings';
import { familyNamed } from '../support/family-named';

const registry = new Registry();
configureMetrics({ registry });

class NativeHandler {
  @Timed('native_seconds') static run(): void {}
}
NativeHandler.run();

describe('nativeHistograms', () => {
  it.each<[string, MetricsConfiguration['nativeHistograms']]>([
    ['true', true],
    ['no keys', {}],
    ['undefined keys', { resolution: undefined, maxBuckets: undefined } as object],
  ])('nativeHistograms uses its defaults for %s', (_what, nativeHistograms) => {
    configureMetrics({ nativeHistograms: { resolution: 8, maxBuckets: 1 } });
    configureMetrics({ nativeHistograms });
    NativeHandler.run();
    NativeHandler.run();

    const [series] = familyNamed(registry, 'native_seconds', 'histogram').series();
    const native = series?.cell.native;
    expect(native).toMatchObject(DEFAULT_NATIVE_HISTOGRAMS);
    expect(native?.schema).toBe(DEFAULT_NATIVE_HISTOGRAMS.resolution);
    expect(native?.counts.reduce((sum, count) => sum + count, native.zeros)).toBe(2);
  });
});
