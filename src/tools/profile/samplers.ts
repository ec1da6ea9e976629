import type { CpuProfile, HeapProfile, ProfileType } from '../page/browser/profile-protocol';
import { type Inspector, InspectorInUse } from './inspector';

/** Starts and stops one kind of profile. */
interface Sampler {
  start(inspector: Inspector, interval: number): Promise<void>;
  /** Returns the profile. Nothing is sampled any more, and the process runs as before. */
  stop(inspector: Inspector): Promise<CpuProfile | HeapProfile>;
}

const CPU: Sampler = {
  async start(inspector, interval) {
    await inspector.need('Profiler.enable');
    await inspector.need('Profiler.setSamplingInterval', { interval });
    // V8 sometimes attributes code that it has optimized before to nothing. Counting calls, even for a moment, makes it drop
    // that code, so that the functions are compiled again under the profiler. It would end a coverage of the program.
    if (process.env['NODE_V8_COVERAGE'] === undefined) {
      await inspector.need('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
      await inspector.need('Profiler.stopPreciseCoverage');
    }
    await inspector.need('Profiler.start');
  },
  async stop(inspector) {
    const { profile } = (await inspector.post('Profiler.stop')) as { profile: CpuProfile };
    await inspector.post('Profiler.disable');
    return profile;
  },
};

const HEAP: Sampler = {
  async start(inspector, samplingInterval) {
    // A thread has one sampler of allocations. A second start is ignored, and a second stop ends the first one.
    if (await isSampling(inspector)) {
      throw new InspectorInUse(
        'something else in this process samples its allocations, such as a debugger or another profiler. Stop it, and try again',
      );
    }
    await inspector.need('HeapProfiler.startSampling', {
      samplingInterval,
      // What was allocated, and not only what is still used.
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  },
  async stop(inspector) {
    const { profile } = (await inspector.post('HeapProfiler.stopSampling')) as {
      profile: HeapProfile;
    };
    return profile;
  },
};

async function isSampling(inspector: Inspector): Promise<boolean> {
  try {
    await inspector.post('HeapProfiler.getSamplingProfile');
    return true;
  } catch {
    return false;
  }
}

export const SAMPLERS: Readonly<Record<ProfileType, Sampler>> = { cpu: CPU, heap: HEAP };
