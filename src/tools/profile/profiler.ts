import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';

import { methodFunctions } from '../../declaration/method-functions';
import { isoTime, milliseconds, startTimeout, stopTimeout, wallClock } from '../../metrics/clock';
import { PACKAGE_FOLDER } from '../../package-folder';
import { definePart, type Runtime } from '../../runtime/runtime';
import { peerGroupOf } from '../../scrape/workers/peer-group';
import type { ProfileFile, ProfileNotes, ProfileType } from '../page/browser/profile-protocol';
import { identityOf } from '../page/identity';
import { Inspector } from './inspector';
import { locateMethods } from './method-locations';
import type { ProfileRequest } from './profile-request';
import { SAMPLERS } from './samplers';

const EXTENSIONS: Readonly<Record<ProfileType, string>> = {
  cpu: 'cpuprofile',
  heap: 'heapprofile',
};

/** A profile as a file. */
export interface TakenProfile {
  readonly fileName: string;
  readonly content: ProfileFile;
}

/**
 * Takes profiles of this thread, one at a time. Before and after a profile nothing of the inspector is in use, so a process
 * whose profiles nobody requests is as if there were none.
 */
class Profiler {
  /** When the profile in progress ends, on the monotonic clock. */
  private endsAt: number | null = null;

  constructor(private readonly runtime: Runtime) {}

  /** Seconds until another profile can be taken, or null if none is in progress. */
  secondsUntilFree(): number | null {
    if (this.endsAt === null) return null;
    return Math.max(1, Math.ceil((this.endsAt - milliseconds()) / 1000));
  }

  /**
   * Takes a profile. Resolves to null if it was aborted. Call it only if {@link secondsUntilFree} is null.
   *
   * @throws {@link NoInspector} or {@link InspectorInUse} at once if the profile cannot be taken.
   */
  async take(request: ProfileRequest, signal: AbortSignal): Promise<TakenProfile | null> {
    const { type, seconds, interval } = request;
    const sampler = SAMPLERS[type];
    this.endsAt = milliseconds() + seconds * 1000;
    let inspector: Inspector | null = null;
    try {
      inspector = Inspector.connect();
      const startedAt = wallClock();
      await sampler.start(inspector, interval);
      await pause(seconds * 1000, signal);
      const profile = await sampler.stop(inspector);
      if (signal.aborted) return null;
      const { runtime } = this;
      const notes: ProfileNotes = {
        ...describeProcess(runtime),
        type,
        startedAt,
        seconds,
        interval,
        methods: await locateMethods(runtime, inspector),
      };
      return { fileName: fileNameOf(notes), content: { ...profile, thriftMetrics: notes } };
    } finally {
      // Also ends a profile that has started and was not stopped.
      inspector?.disconnect();
      this.endsAt = null;
    }
  }
}

/** The profiles of the process, which all its endpoints share. */
export const profilerOf = definePart('profile.profiler', (runtime) => new Profiler(runtime));

/** Waits, unless the signal ends it sooner. The timer does not keep the process alive. */
function pause(duration: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      stopTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = startTimeout(end, duration).unref();
    signal.addEventListener('abort', end);
  });
}

function describeProcess(
  runtime: Runtime,
): Pick<ProfileNotes, 'service' | 'host' | 'pid' | 'thread' | 'hasWorkers' | 'packageUrls'> {
  const services = new Set(methodFunctions(runtime).map(({ service }) => service));
  const { defaultLabels } = runtime.settings;
  return {
    service: identityOf(process.env, defaultLabels, [...services]).name,
    host: hostname(),
    pid: process.pid,
    thread: threadId,
    hasWorkers: peerGroupOf(runtime).hasPeers(),
    packageUrls: packageUrls(),
  };
}

/** V8 knows modules by their URL or by their path. In a bundle, the folder holds code of the program, too. */
function packageUrls(): string[] {
  if (PACKAGE_FOLDER === null || !existsSync(join(PACKAGE_FOLDER, '../dist/page'))) return [];
  return [`${pathToFileURL(PACKAGE_FOLDER).href}/`, PACKAGE_FOLDER + sep];
}

/** Names the file by service, process and time: `Calculator-4711-2026-11-29T20-15-00Z.cpuprofile`. */
function fileNameOf({ service, pid, startedAt, type }: ProfileNotes): string {
  const name = service.replaceAll(/[^\w.]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
  const time = isoTime(startedAt).replace(/\..*/, 'Z').replaceAll(':', '-');
  return `${name.slice(0, 60) || 'thrift-metrics'}-${pid}-${time}.${EXTENSIONS[type]}`;
}
