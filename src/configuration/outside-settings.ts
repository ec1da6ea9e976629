import { resolve } from 'node:path';

import {
  applyOutsideOptions,
  checkOutsideOption,
  checkOutsideOptions,
  type MetricsConfiguration,
  programOptionsOf,
} from '../api/configure';
import { serverDefaultsOf } from '../endpoint/server-defaults';
import { checkServerOptions } from '../endpoint/server-options';
import { runSoon } from '../metrics/clock';
import { processEventsOf } from '../runtime/process-events';
import { definePart, type Runtime } from '../runtime/runtime';
import { measuredPartsOf } from '../thrift/library/measured-parts';
import { checkOption, isBoolean } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { readAccess } from './access-settings';
import { type FoundSetting, type FoundSettings, nothingFound } from './found-settings';
import { FileWatch } from './file-watch';
import { createProblem, dangersOf, type Problem } from './problem';
import { hasSettings, readEnvironment } from './read-environment';
import type { ConfigFile } from './read-config-file';
import { type Setting, SETTINGS } from './settings-table';

/** Returns the setting with this key, or with this option if the file cannot hold it. */
const settingOf = (name: string): Setting =>
  SETTINGS.find(({ key, option }) => (key ?? option) === name) as Setting;

/**
 * Options of `configureMetrics` that have to fit what the program declares, in groups that also have to fit together. If a
 * source sets several of a group, the first one gives way.
 */
const RELATED: readonly (readonly (keyof MetricsConfiguration)[])[] = [
  ['buckets', 'rules'],
  ['labelNames', 'defaultLabels'],
  ['prefix'],
];

/**
 * The settings that were made outside the program, in the environment and in the configuration file. The environment takes
 * precedence over the file, and the program over both.
 */
class OutsideSettings {
  private environment: FoundSettings = nothingFound();
  private file: FoundSettings = nothingFound();
  /** What is in force of the options of `configureMetrics`, so that only changes are applied. */
  private readonly applied = new Map<Setting, FoundSetting | null>();
  private watch: FileWatch | null = null;
  private isLoaded = false;
  /** What ends a program whose settings are strict. */
  private fatal: ThriftMetricsError | null = null;

  constructor(private readonly runtime: Runtime) {}

  /**
   * Reads and applies the settings when the package is loaded. What is wrong is reported, and the rest applies. A copy of the
   * package that is loaded later changes nothing.
   *
   * @throws {@link ThriftMetricsError} if something is wrong and the setting `strict` is on.
   */
  load(readVariables: () => Readonly<Record<string, string | undefined>>): void {
    if (!this.isLoaded) {
      try {
        const variables = readVariables();
        if (hasSettings(variables)) this.readOrRefuse(variables);
      } catch (error) {
        // A fault of this package must not end the import.
        runSoon(() => this.runtime.faults.report('settings', error));
      }
    }
    this.isLoaded = true;
    // A program may catch the error of an import, and import the package again.
    if (this.fatal !== null) throw this.fatal;
  }

  /** Reads the settings. If a fault prevents that, no server answers, because a setting may be meant to protect it. */
  private readOrRefuse(variables: Readonly<Record<string, string | undefined>>): void {
    try {
      this.read(variables);
    } catch (error) {
      serverDefaultsOf(this.runtime).unusable = new Set(['auth', 'tls']);
      throw error;
    }
  }

  private read(variables: Readonly<Record<string, string | undefined>>): void {
    this.environment = this.checked(readEnvironment(variables));
    const path = this.valueOf(settingOf('config'));
    if (typeof path === 'string') {
      this.watch = new FileWatch(resolve(path), (file) => this.reload(file));
      this.file = this.checked(this.watch.read());
    }
    this.checkTogether(this.environment, this.file);
    const access = this.apply();
    const problems = [...this.environment.problems, ...this.file.problems, ...access];
    if (problems.length > 0 && this.valueOf(settingOf('strict')) === true) {
      this.fatal = fatalError(problems);
      return;
    }
    this.watch?.start((error) => this.runtime.faults.report('settings', error));
    // The program may set `onError` first.
    if (problems.length > 0) runSoon(() => this.report(problems));
  }

  /** Whether `thrift-metrics/auto` starts a metrics server. */
  startsServer(): boolean {
    return this.valueOf(settingOf('server.enabled')) === true;
  }

  /** Whether `thrift-metrics/auto` creates spans of OpenTelemetry. */
  createsSpans(): boolean {
    return this.valueOf(settingOf('tracing')) === true;
  }

  /** Looks whether the file has changed, as happens every second. */
  async look(): Promise<void> {
    await this.watch?.look();
  }

  /** What sets a setting outside the program, or null. */
  find(setting: Setting): FoundSetting | null {
    const { environment, file } = this;
    return environment.settings.get(setting) ?? file.settings.get(setting) ?? null;
  }

  /** The value of a setting, without what the program sets. */
  valueOf(setting: Setting): unknown {
    const found = this.find(setting);
    return found === null ? setting.fallback : found.value;
  }

  /** Applies a new content of the file, unless something is wrong with it. */
  private reload(file: ConfigFile): void {
    const { problems } = this.checked(file);
    this.checkTogether(this.environment, file);
    const access = readAccess([this.environment, file]).problems;
    const wrong = [...problems, ...access.filter(({ source }) => source === 'file')];
    if (wrong.length > 0) {
      this.report(
        wrong.map((problem) => withSentence(problem, 'The settings before it stay in force.')),
        file.digest,
      );
      return;
    }
    const before = new Map(SETTINGS.map((setting) => [setting, this.find(setting)]));
    this.file = file;
    // What is wrong now is of the environment: a file that it names may have changed or be gone.
    this.report(this.apply());
    processEventsOf(this.runtime).record('file', 'configuration file read again');
    this.reportNextStart(before, file.digest);
  }

  /** Moves the settings of a source that do not pass the check of their option to its problems. Returns the source. */
  private checked<T extends FoundSettings>(source: T): T {
    for (const [setting, found] of source.settings) {
      try {
        this.check(setting, found);
      } catch (error) {
        refuse(source, setting, found, error);
      }
    }
    return source;
  }

  /**
   * Moves settings that do not fit together, or that do not fit what the program declares, to the problems of their source.
   * Each was checked alone before. What the program sets itself is in force already, and takes precedence.
   */
  private checkTogether(environment: FoundSettings, file: FoundSettings): void {
    const ofProgram = programOptionsOf(this.runtime);
    for (const names of RELATED) {
      const settings = names
        .map(settingOf)
        .filter(({ option }) => !Object.hasOwn(ofProgram, option));
      while (this.refuseMisfit(settings, environment, file)) {
        // What applies instead of the refused setting may not fit either.
      }
    }
  }

  /** Refuses one of these settings if they do not fit together. Returns whether it has refused one. */
  private refuseMisfit(
    settings: readonly Setting[],
    environment: FoundSettings,
    file: FoundSettings,
  ): boolean {
    const { runtime, applied, watch } = this;
    const values = settings.map((setting) => {
      const found = environment.settings.get(setting) ?? file.settings.get(setting);
      return found === undefined ? setting.fallback : found.value;
    });
    const inForce = settings.map((setting) => applied.get(setting)?.value ?? setting.fallback);
    if (isEqual(values, inForce)) return false;
    // The source that takes precedence keeps its setting.
    const [refused] = [file, environment].flatMap((source) =>
      settings.flatMap((setting) => {
        const found = source.settings.get(setting);
        return found === undefined ? [] : [{ source, setting, found }];
      }),
    );
    const where = refused?.found.where ?? watch?.path ?? 'settings';
    try {
      const options = settings.map(({ option }, i) => [option, values[i]] as const);
      checkOutsideOptions(runtime, where, Object.fromEntries(options));
    } catch (error) {
      if (refused !== undefined) {
        refuse(refused.source, refused.setting, refused.found, error);
        return true;
      }
      // Nothing sets them any more, and their defaults do not fit what the program declares.
      file.problems.push(createProblem('file', where, error));
    }
    return false;
  }

  private check({ target, option }: Setting, { value, where }: FoundSetting): void {
    if (target === 'metrics') {
      checkOutsideOption(where, option, value);
    } else if (target === 'server') {
      checkServerOptions(where, { [option]: value });
    } else if (option !== 'config' && (target === 'auto' || target === 'settings')) {
      checkOption(where, option, value, isBoolean, 'true or false');
    }
    // The settings of access are checked together.
  }

  /** Puts the settings into force. Returns what is wrong with those of access. */
  private apply(): readonly Problem[] {
    const { runtime, environment, file } = this;
    // First, so that no fault in what follows leaves the endpoint open.
    const access = readAccess([environment, file]);
    const defaults = serverDefaultsOf(runtime);
    defaults.options = { ...this.serverOptions(), ...access.options };
    const problems = [...environment.problems, ...file.problems, ...access.problems];
    const endangered = problems.flatMap(({ endangers }) => [...endangers]);
    defaults.unusable = new Set(endangered.filter((name) => defaults.options[name] === undefined));
    this.applyMetrics();
    const parts = measuredPartsOf(runtime);
    parts.clients = this.valueOf(settingOf('clients')) === true;
    parts.connections = this.valueOf(settingOf('connections')) === true;
    return access.problems;
  }

  private applyMetrics(): void {
    const { runtime, applied } = this;
    const ofProgram = programOptionsOf(runtime);
    const options: Record<string, unknown> = {};
    for (const setting of SETTINGS) {
      const { target, option, fallback } = setting;
      if (target !== 'metrics' || Object.hasOwn(ofProgram, option)) continue;
      const before = applied.get(setting) ?? null;
      const found = this.find(setting);
      applied.set(setting, found);
      const value = found === null ? fallback : found.value;
      if (!isEqual(value, before === null ? fallback : before.value)) options[option] = value;
    }
    const rules = this.find(settingOf('rules'));
    applyOutsideOptions(runtime, rules?.where ?? 'settings', options);
    for (const option of ['buckets', 'labelNames'] as const) {
      const setting = settingOf(option);
      if (Object.hasOwn(options, option) && this.find(setting) !== null) {
        runtime.settings.withdraw[option] = (reason) => this.withdraw(setting, reason);
      }
    }
  }

  /** Takes back a setting that does not fit what the program declares. The default applies instead. */
  private withdraw(setting: Setting, reason: unknown): void {
    const found = this.find(setting);
    for (const { settings } of [this.environment, this.file]) settings.delete(setting);
    this.applyMetrics();
    if (found === null) return;
    const { code, message } = reason as ThriftMetricsError;
    const why = `${found.where}: ${message} The default applies instead.`;
    this.report([createProblem(found.source, found.where, new ThriftMetricsError(code, why))]);
  }

  private serverOptions(): Record<string, unknown> {
    const entries = SETTINGS.filter(({ target }) => target === 'server').flatMap((setting) => {
      const found = this.find(setting);
      return found === null ? [] : [[setting.option, found.value] as const];
    });
    return Object.fromEntries(entries);
  }

  /** Reports each problem once, or once for each content of the file. */
  private report(problems: readonly Problem[], digest?: string): void {
    const sites = new Set<string>();
    for (const { where, error } of problems) {
      let site = digest === undefined ? where : `${where} (content ${digest})`;
      // A line can hold several settings.
      if (sites.has(site)) site += `, ${sites.size + 1}`;
      sites.add(site);
      this.runtime.faults.warnOnce(site, error);
    }
  }

  /** Says which changes of the file do not apply to the server that runs. */
  private reportNextStart(before: ReadonlyMap<Setting, FoundSetting | null>, digest: string): void {
    if (serverDefaultsOf(this.runtime).ofProgram === null) return;
    const changed = SETTINGS.filter((setting) => {
      const isOfServer = setting.key?.startsWith('server.') === true;
      return isOfServer && !isEqual(before.get(setting)?.value, this.find(setting)?.value);
    });
    if (changed.length === 0) return;
    const keys = changed.map(({ key }) => key).join(', ');
    const where = this.watch?.path ?? '';
    const sentence = `the change of ${keys} takes effect when the next metrics server starts. Restart the program to apply it.`;
    const problem = createProblem('file', where, sentence, 'TM_ERR_NEXT_START');
    this.report([problem], digest);
  }
}

/** Moves a setting to the problems of its source. */
function refuse(
  { settings, problems }: FoundSettings,
  setting: Setting,
  { source, where }: FoundSetting,
  error: unknown,
): void {
  settings.delete(setting);
  problems.push(createProblem(source, where, error, undefined, dangersOf(setting)));
}

function withSentence({ error, ...problem }: Problem, sentence: string): Problem {
  const message = `${error.message} ${sentence}`;
  return createProblem(problem.source, problem.where, new ThriftMetricsError(error.code, message));
}

function fatalError(problems: readonly Problem[]): ThriftMetricsError {
  const [first] = problems as readonly [Problem, ...Problem[]];
  const messages = problems.map(({ error }) => error.message);
  const error = new ThriftMetricsError(first.error.code, messages.join('\n'));
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** Whether two values of a setting are equal. They are data, which JSON can hold. */
function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export const outsideSettingsOf = definePart(
  'configuration.outside',
  (runtime) => new OutsideSettings(runtime),
);
