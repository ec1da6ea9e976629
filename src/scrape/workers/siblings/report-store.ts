import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { NO_VALUES, type WorkerValues } from '../peer';
import { isInstance } from '../worker-messages';
import { isRunning, processIdentity } from './process-identity';

/** The values of instances that are gone, and the names of those whose reports they include. */
interface Retired extends WorkerValues {
  readonly instances: readonly string[];
}

const RETIRED = 'retired.json';

/** The suffixes of the files of an instance, the newest first. */
const SUFFIXES = ['.final.json', '.json'] as const;

/**
 * The latest reports of all workers of a cluster, each in a file of its own. A worker stores a report before anyone can see
 * its values, so that no counter falls when it is killed, or when the worker that sums them is.
 */
export class ReportStore {
  /** Identifies this process among all that this machine has had. */
  readonly instance: string;
  private started = 0;
  private latest = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly folder: string) {
    const { pid } = process;
    this.instance = `${pid}-${processIdentity(pid)}.${randomBytes(6).toString('hex')}`;
  }

  /** Stores an empty report, so that the worker that sums all knows to wait for this one. */
  announce(): void {
    this.writeAtOnce(`${this.instance}.json`, NO_VALUES);
  }

  /** Returns the number of a report of this process that is started now. */
  start(): number {
    return ++this.started;
  }

  /** Stores a report of this process, unless one that was started later is stored already. */
  async save(number: number, values: WorkerValues): Promise<void> {
    const save = this.saveAfter(this.writing, number, values);
    this.writing = save.catch(() => {});
    await save;
  }

  private async saveAfter(
    previous: Promise<void>,
    number: number,
    values: WorkerValues,
  ): Promise<void> {
    await previous;
    if (number < this.latest) return;
    this.latest = number;
    await this.write(`${this.instance}.json`, values);
  }

  /** Stores the final report of this process. A file of its own, because an earlier report may still be being written. */
  saveFinal(values: WorkerValues): void {
    this.writeAtOnce(`${this.instance}.final.json`, values);
  }

  /** Returns the instances that have stored a report. */
  instances(): string[] {
    const names = readdirSync(this.folder).flatMap((name) => {
      const suffix = SUFFIXES.find((each) => name.endsWith(each));
      const instance = suffix === undefined ? null : name.slice(0, -suffix.length);
      return isInstance(instance) ? [instance] : [];
    });
    return [...new Set(names)];
  }

  async read(instance: string): Promise<WorkerValues> {
    for (const suffix of SUFFIXES) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- the second file counts only without the first
        return valuesOf(await readFile(join(this.folder, instance + suffix), 'utf8'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    return NO_VALUES;
  }

  /** Returns the sum over the instances that are gone, as it was last stored, and removes the reports that it includes. */
  readRetired(): WorkerValues {
    try {
      const text = readFileSync(join(this.folder, RETIRED), 'utf8');
      const { instances } = JSON.parse(text) as Retired;
      this.remove(instances.filter((each) => isInstance(each)));
      return valuesOf(text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NO_VALUES;
      throw error;
    }
  }

  /** Stores the sum over the instances that are gone, and removes the reports of those that it includes now. */
  async saveRetired(values: WorkerValues, instances: readonly string[]): Promise<void> {
    await this.write(RETIRED, { ...values, instances } satisfies Retired);
    this.remove(instances);
  }

  private remove(instances: readonly string[]): void {
    for (const instance of instances) {
      for (const suffix of SUFFIXES) rmSync(join(this.folder, instance + suffix), { force: true });
    }
  }

  private writeAtOnce(name: string, values: WorkerValues): void {
    const path = join(this.folder, name);
    writeFileSync(`${path}.new`, JSON.stringify(values), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  private async write(name: string, content: unknown): Promise<void> {
    const path = join(this.folder, name);
    const unfinished = `${path}.${this.instance}`;
    await writeFile(unfinished, JSON.stringify(content), { mode: 0o600 });
    await rename(unfinished, path);
  }
}

/** Whether the process of an instance still runs. */
export function isAlive(instance: string): boolean {
  const [, pid = '', identity] = /^(\d+)-(.*)\.[0-9a-f]+$/.exec(instance) ?? [];
  return isRunning(Number(pid)) && processIdentity(Number(pid)) === identity;
}

function valuesOf(text: string): WorkerValues {
  const { families, userMetrics } = Object(JSON.parse(text)) as Partial<WorkerValues>;
  return { families: families ?? [], userMetrics: userMetrics ?? [] };
}
