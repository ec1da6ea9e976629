import { CATALOGUE, type CatalogueEntry } from '../metrics/catalogue';
import { AgeCell, CounterCell, GaugeCell } from '../metrics/cell';
import { runSoon } from '../metrics/clock';
import type { ExemplarSource } from '../metrics/exemplar';
import {
  Family,
  type Aggregator,
  type CellOf,
  type CellType,
  type Located,
  type StoredSeries,
} from '../metrics/family';
import type { HistogramCell } from '../metrics/histogram-cell';
import { HistogramStore } from '../metrics/histogram-store';
import { InfoFamily } from '../metrics/info-family';
import type { Labels } from '../metrics/labels';
import { NativeBuckets } from '../metrics/native-buckets';
import type { Ruling } from '../metrics/series-policy';
import { isSameList } from '../metrics/shared-lists';
import { ThriftMetricsError } from '../validation/errors';
import type { MetricsRegistry } from './metrics-registry';
import type { Policy } from './policy';
import type { ClientRegistry } from './registry';
import type { Reports } from './reports';
import { DEFAULT_NATIVE_HISTOGRAMS, type NativeHistogramSettings, type Settings } from './settings';
import { VersionLabels } from './versions';

/** The declaration of built-in metrics, for error messages. */
export const PACKAGE: Located = { location: 'thrift-metrics' };

export type BuiltInType = 'counter' | 'gauge' | 'histogram';

/** Every family of this package, by its declared name. */
export class Families {
  private readonly byName = new Map<string, Family>();
  private readonly histogramStore = new HistogramStore();
  /** Called after the rules have changed. */
  readonly whenPolicyChanges: (() => void)[] = [];
  /** Called after the setting `callers` has changed. */
  readonly whenCallersChange: (() => void)[] = [];
  /** Null until the first family is declared. */
  private info: InfoFamily | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly registry: ClientRegistry,
    private readonly exemplars: ExemplarSource,
    private readonly reports: Reports,
  ) {}

  [Symbol.iterator](): IterableIterator<Family> {
    return this.byName.values();
  }

  /** Whether nothing has been declared or instrumented. */
  get isEmpty(): boolean {
    return this.byName.size === 0;
  }

  /** Whether a metric of a registry is a family of this package, as opposed to a metric of the user. */
  has(metric: unknown): metric is Family {
    const { baseName } = (metric ?? {}) as { baseName?: unknown };
    return typeof baseName === 'string' && this.byName.get(baseName) === metric;
  }

  /** The family of a built-in metric, or undefined if nothing has registered it. */
  find(entry: CatalogueEntry): Family | undefined {
    return this.byName.get(entry.name);
  }

  /** Whether a family was declared with this name, without the prefix. */
  isDeclared(name: string): boolean {
    return this.byName.has(name);
  }

  /**
   * Returns the family with this name, or registers a new one.
   *
   * @throws {@link ThriftMetricsError} if the name has another type, clashes with another family, or is not free in the
   * registry.
   */
  ensure<T extends CellType>(
    name: string,
    type: T,
    help: string,
    declaredBy: Located,
    aggregator?: Aggregator,
  ): Family<T> {
    const existing = this.byName.get(name);
    if (existing !== undefined) {
      if (existing.type !== type) {
        throw new ThriftMetricsError(
          'TM_ERR_TYPE_CONFLICT',
          `${declaredBy.location}: metric '${name}' is declared as a ${type}, but ${existing.declaredBy.location} declared it as a ${existing.type}. Give one of them another name.`,
        );
      }
      this.follow();
      this.registerAgain(existing, declaredBy);
      return existing as Family<T>;
    }
    this.checkSampleNames(name, type, declaredBy);
    this.follow();
    this.checkNameIsFree(this.registry.current(), this.settings.prefix + name, declaredBy);
    this.ensurePackageMetrics();
    return this.register(name, type, help, declaredBy, aggregator);
  }

  /**
   * Puts a family that is declared again back into the registry, if it was removed by its name.
   *
   * @throws {@link ThriftMetricsError} if another metric has taken the name.
   */
  private registerAgain(family: Family, declaredBy: Located): void {
    const registry = this.registry.current();
    const { registeredName } = family;
    if (registry.getSingleMetric(registeredName) === family) return;
    // What this package counts by itself must not fail because of it.
    if (declaredBy !== PACKAGE) this.checkNameIsFree(registry, registeredName, declaredBy);
    this.put(registry, family);
  }

  /** Returns the family of a built-in metric, and registers it on first use. */
  builtIn<T extends BuiltInType>(entry: CatalogueEntry & { type: T }): Family<T> {
    this.ensurePackageMetrics();
    return this.ensure(entry.name, entry.type, entry.help, PACKAGE, entry.aggregator);
  }

  /** Returns the family of a built-in metric during a call: a family that was removed by its name stays out. */
  builtInOfCall<T extends BuiltInType>(entry: CatalogueEntry & { type: T }): Family<T> {
    return (this.byName.get(entry.name) as Family<T> | undefined) ?? this.builtIn(entry);
  }

  /** Counts events of a metric about this package itself. */
  count(entry: CatalogueEntry & { type: 'counter' }, labels: Labels, events = 1): void {
    const family = this.builtInOfCall(entry);
    family.findOrCreate(labels, PACKAGE, () => new CounterCell()).cell.value += events;
  }

  /** Finds the series of a built-in metric with these labels, or creates it at 0. */
  series<T extends BuiltInType>(
    entry: CatalogueEntry & { type: T },
    labels: Labels,
    createCell: (ruling: Ruling | null) => CellOf[T] = (ruling) => this.createCell(entry, ruling),
  ): StoredSeries<T> {
    return this.builtIn(entry).findOrCreate(labels, PACKAGE, createCell);
  }

  /** Finds or creates the series of a built-in metric that shows the age of the oldest member of its sources. */
  ageSeries(
    entry: CatalogueEntry & { type: 'gauge' },
    labels: Labels,
  ): StoredSeries<'gauge'> & { readonly cell: AgeCell } {
    const series = this.series(entry, labels, () => new AgeCell());
    return series as StoredSeries<'gauge'> & { readonly cell: AgeCell };
  }

  /** Creates a cell at 0 for a built-in metric. */
  createCell<T extends BuiltInType>(
    { type, buckets }: CatalogueEntry & { type: T },
    ruling: Ruling | null,
  ): CellOf[T] {
    const cell: CellOf[BuiltInType] =
      type === 'counter'
        ? new CounterCell()
        : type === 'gauge'
          ? new GaugeCell()
          : this.createHistogram(buckets ?? null, null, ruling);
    return cell as CellOf[T];
  }

  /**
   * Creates a histogram cell at 0. Null for `bounds` or `native` selects the setting of `configureMetrics`. A rule wins over
   * both.
   */
  createHistogram(
    bounds: readonly number[] | null,
    native: boolean | null,
    ruling: Ruling | null,
  ): HistogramCell {
    const { settings } = this;
    const ownBounds = ruling?.buckets ?? bounds ?? settings.buckets;
    const cell = this.histogramStore.create(this.histogramStore.shapeOf(ownBounds, bounds, native));
    if (this.exemplars.labels !== null) cell.exemplarSource = this.exemplars;
    if (ruling?.native ?? native ?? settings.nativeHistograms !== null) {
      cell.native = createNativeBuckets(settings.nativeHistograms);
    }
    return cell;
  }

  /** Passes the source of exemplars to every histogram, after it was switched on or off. */
  applyExemplars(): void {
    const source = this.exemplars.labels === null ? null : this.exemplars;
    for (const { cell } of this.histograms()) cell.exemplarSource = source;
  }

  /** Forgets what errors said. */
  forgetSamples(): void {
    for (const family of this) {
      if (family.type !== 'counter') continue;
      for (const { cell } of family.all()) (cell as CounterCell).sample = null;
    }
  }

  /** Changes the default buckets. Histograms that use them start again at 0. */
  setDefaultBuckets(buckets: readonly number[]): void {
    if (isSameList(this.settings.buckets, buckets)) return;
    this.settings.buckets = buckets;
    for (const { cell, ruling } of this.histograms()) this.shape(cell, ruling);
  }

  /** Switches native buckets on or off for every histogram that does not set `native`. These start again at 0. */
  setNativeHistograms(settings: NativeHistogramSettings | null): void {
    this.settings.nativeHistograms = settings;
    for (const { cell, ruling } of this.histograms()) {
      if ((ruling?.native ?? cell.shape.nativeInCode) !== null) continue;
      // Classic and native buckets must contain the same observations.
      cell.reset();
      cell.native = settings === null ? null : createNativeBuckets(settings);
    }
  }

  /**
   * Applies the rules to every series. Excluded series are no longer shown, and start at 0 when they are shown again. A
   * histogram whose buckets change starts again at 0. Other values stay.
   */
  setPolicy(policy: Policy): void {
    this.settings.policy = policy;
    for (const family of this) family.applyPolicy();
    for (const { cell, ruling } of this.histograms()) this.shape(cell, ruling);
    for (const run of this.whenPolicyChanges) run();
  }

  /** Gives a histogram the buckets that the rules, the code and the settings say. */
  private shape(cell: HistogramCell, ruling: Ruling | null): void {
    const { settings } = this;
    const { boundsInCode, nativeInCode } = cell.shape;
    const bounds = ruling?.buckets ?? boundsInCode ?? settings.buckets;
    if (!isSameList(cell.bounds, bounds)) {
      cell.rebucket(this.histogramStore.shapeOf(bounds, boundsInCode, nativeInCode));
    }
    const native = ruling?.native ?? nativeInCode ?? settings.nativeHistograms !== null;
    if (native === (cell.native !== null)) return;
    cell.reset();
    cell.native = native ? createNativeBuckets(settings.nativeHistograms) : null;
  }

  /** Moves every family to another registry and prefix. A family whose name is not free there stays out, which is reported. */
  move(registry: MetricsRegistry, prefix: string): void {
    const { settings } = this;
    this.info?.restore();
    const before = this.registry.current();
    if (registry === before && prefix === settings.prefix) {
      this.follow();
      return;
    }
    for (const family of this) detach(before, family);
    if (registry !== before) this.registry.move(before, registry);
    settings.prefix = prefix;
    for (const family of this) {
      family.rename(prefix + family.baseName);
      this.put(registry, family);
    }
  }

  /** @throws {@link ThriftMetricsError} if a registry contains another metric with the name of a family. */
  checkNamesAreFree(registry: MetricsRegistry, prefix: string, at: Located): void {
    for (const { baseName } of this) this.checkNameIsFree(registry, prefix + baseName, at);
  }

  /**
   * Moves the families to the registry that should contain them, and puts them back if that registry was cleared, which is
   * reported. It was cleared if it contains none of them. A family that was removed by its name stays out until it is
   * declared again.
   */
  follow(): void {
    if (this.byName.size === 0) return;
    const registry = this.registry.target();
    if (registry !== this.registry.current()) this.move(registry, this.settings.prefix);
    for (const family of this) {
      if (registry.getSingleMetric(family.registeredName) === family) return;
    }
    for (const family of this) this.put(registry, family);
    this.registry.restore();
    this.reportCleared();
  }

  /** Moves the families if the client library of the program turns out to be another one. */
  checkLibraries(): void {
    try {
      this.registry.checkLibraries();
      this.follow();
    } catch (error) {
      this.reports.warnOnce('client library', error);
    }
  }

  private put(registry: MetricsRegistry, family: Family): void {
    const { registeredName } = family;
    if (registry.getSingleMetric(registeredName) === undefined) {
      registry.registerMetric(family);
    } else if (!this.has(registry.getSingleMetric(registeredName))) {
      this.reports.warnOnce(
        `registry:${registeredName}`,
        nameTaken('The registry', registeredName),
      );
    }
  }

  private reportCleared(): void {
    const site = 'registry';
    this.count(CATALOGUE.internalErrors, { site });
    this.reports.warnOnce(
      site,
      new ThriftMetricsError(
        'TM_ERR_REGISTRY_CLEARED',
        'The registry was cleared while it held the metrics of thrift-metrics. They were put back with their values. ' +
          'Call resetMetrics() to start at 0, and do not clear the registry (clearRegisterOnInit of fastify-metrics does).',
      ),
    );
  }

  /** Registers the metrics about this package itself, which exist as soon as any other metric does. */
  private ensurePackageMetrics(): void {
    for (const { name, type, help } of [CATALOGUE.internalErrors, CATALOGUE.droppedSeries]) {
      if (this.byName.has(name)) continue;
      this.checkNameIsFree(this.registry.current(), this.settings.prefix + name, PACKAGE);
      this.register(name, type, help, PACKAGE);
    }
    this.info ??= this.registerInfo();
    this.info.restore();
  }

  private registerInfo(): InfoFamily {
    const { name, help } = CATALOGUE.info;
    const { settings } = this;
    const registeredName = settings.prefix + name;
    this.checkNameIsFree(this.registry.current(), registeredName, PACKAGE);
    const versions = new VersionLabels(settings);
    const labels = (): Labels => versions.read();
    const info = new InfoFamily(registeredName, name, help, PACKAGE, settings, labels);
    this.add(info);
    return info;
  }

  private register<T extends CellType>(
    name: string,
    type: T,
    help: string,
    declaredBy: Located,
    aggregator?: Aggregator,
  ): Family<T> {
    const { settings } = this;
    const registeredName = settings.prefix + name;
    const family = new Family(registeredName, name, type, help, declaredBy, settings, aggregator);
    this.add(family);
    return family;
  }

  private add(family: Family): void {
    // The program's modules are loaded by then, in most programs.
    if (this.byName.size === 0) runSoon(() => this.checkLibraries());
    this.registry.current().registerMetric(family);
    this.byName.set(family.baseName, family);
  }

  private checkNameIsFree(registry: MetricsRegistry, name: string, at: Located): void {
    const found: unknown = registry.getSingleMetric(name);
    if (found !== undefined && !this.has(found)) {
      throw nameTaken(`${at.location}: the registry`, name);
    }
  }

  /** Rejects a name if one of its samples would have the name of another family's sample. */
  private checkSampleNames(name: string, type: CellType, at: Located): void {
    const names = sampleNames(name, type);
    for (const family of this) {
      const clash = sampleNames(family.baseName, family.type).find((other) =>
        names.includes(other),
      );
      if (clash !== undefined) {
        throw new ThriftMetricsError(
          'TM_ERR_TYPE_CONFLICT',
          `${at.location}: ${type} '${name}' and ${family.type} '${family.baseName}' of ${family.declaredBy.location} would both write samples called '${clash}'. Choose another name.`,
        );
      }
    }
  }

  private *histograms(): Generator<{ cell: HistogramCell; ruling: Ruling | null }> {
    const { policy } = this.settings;
    for (const family of this) {
      if (family.type !== 'histogram') continue;
      for (const series of family.all()) {
        // The labels are parsed on every read, which is not needed without rules.
        const ruling = policy.isEmpty ? null : family.rulingOf(series.labels);
        yield { cell: series.cell as HistogramCell, ruling };
      }
    }
  }
}

function nameTaken(subject: string, name: string): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_NAME_TAKEN',
    `${subject} already holds a metric '${name}' that does not belong to thrift-metrics. Choose another name, or set a prefix.`,
  );
}

function createNativeBuckets(settings: NativeHistogramSettings | null): NativeBuckets {
  const { resolution, maxBuckets } = settings ?? DEFAULT_NATIVE_HISTOGRAMS;
  return new NativeBuckets(resolution, maxBuckets);
}

/** Removes a family from a registry, unless another metric has taken its name after the registry was cleared. */
function detach(registry: MetricsRegistry, family: Family): void {
  if (registry.getSingleMetric(family.registeredName) === family) {
    registry.removeSingleMetric(family.registeredName);
  }
}

const SAMPLE_SUFFIXES: Readonly<Record<CellType, readonly string[]>> = {
  // OpenMetrics writes the family of a counter without `_total`, so a counter occupies both names.
  counter: ['', '_total', '_created'],
  gauge: [''],
  histogram: ['', '_bucket', '_sum', '_count', '_created'],
  summary: ['', '_sum', '_count', '_created'],
};

function sampleNames(name: string, type: CellType): string[] {
  const base = type === 'counter' ? name.replace(/_total$/, '') : name;
  return SAMPLE_SUFFIXES[type].map((suffix) => base + suffix);
}
