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

/** A report of this process, which has user's metrics only if a scrape has requested it. */
type StorableValues = Pick<WorkerValues, 'families'> & Partial<WorkerValues>;

/** Families or user's metrics of this process that are stored, and the number of their report. */
interface StoredPart {
  readonly number: number;
  readonly bodies: readonly string[];
}

const NOTHING_STORED: StoredPart = { number: 0, bodies: [] };

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
  private families = NOTHING_STORED;
  private userMetrics = NOTHING_STORED;
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

  /**
   * Stores a report of this process. What a report that was started later has stored already stays, and so do the user's
   * metrics if this report has none.
   */
  async save(number: number, values: StorableValues): Promise<void> {
    const save = this.saveAfter(this.writing, number, values);
    this.writing = save.catch(() => {});
    await save;
  }

  private async saveAfter(
    previous: Promise<void>,
    number: number,
    { families, userMetrics }: StorableValues,
  ): Promise<void> {
    await previous;
    const hasFamilies = number >= this.families.number;
    const hasUserMetrics = userMetrics !== undefined && number >= this.userMetrics.number;
    if (!hasFamilies && !hasUserMetrics) return;
    if (hasFamilies) this.families = { number, bodies: families };
    if (hasUserMetrics) this.userMetrics = { number, bodies: userMetrics };
    await this.write(`${this.instance}.json`, this.valuesWith(this.families.bodies));
  }

  /** Stores the final report of this process. A file of its own, because an earlier report may still be being written. */
  saveFinal({ families }: Pick<WorkerValues, 'families'>): void {
    this.writeAtOnce(`${this.instance}.final.json`, this.valuesWith(families));
  }

  /** The families together with the user's metrics of the latest report that had any. */
  private valuesWith(families: readonly string[]): WorkerValues {
    return { families, userMetrics: this.userMetrics.bodies };
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

  /** Removes the files of instances, also those that a killed process has not finished. */
  private remove(instances: readonly string[]): void {
    for (const name of readdirSync(this.folder)) {
      if (instances.some((instance) => name.includes(instance))) {
        rmSync(join(this.folder, name), { force: true });
      }
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
