import type { FamilyView } from '../metrics/family';
import type { HistogramCell } from '../metrics/histogram-cell';
import type { LabelNames } from '../metrics/label-names';
import { type Labels, labelText } from '../metrics/labels';
import type { MetricValues } from '../metrics/registry-metric';
import { type Runtime, currentRuntime } from '../runtime/runtime';
import { SERIES_PER_CLOCK_READING } from '../runtime/time-budget';
import { checkOptionTable, isString, mustBe, type OptionTable } from '../validation/checks';
import { namedMetric, registryContents } from './contents';
import { METRIC_DEADLINE } from './deadlines';
import { everyMetric, type MetricFilter, metricsNamed } from './metric-filter';
import { CONTENT_TYPE, type Format, negotiateFormat } from './negotiate';
import { ProtobufWriter } from './protobuf';
import { TextWriter } from './text';
import { CHUNK_BYTES, OutputBudget } from './output-budget';
import { collectMetric } from './user-metric';
import { peerGroupOf } from './workers/peer-group';
import { sumOverWorkers } from './workers/sum-over-workers';
import type { MetricWriter, Sink } from './writer';

/** Options of {@link renderMetrics}. */
export interface RenderOptions {
  /**
   * The Accept header of the reader, which chooses the format.
   *
   * @default Prometheus text 0.0.4
   */
  accept?: string | undefined;
  /**
   * Renders only the metrics with these names, prefix included.
   *
   * @default all metrics
   */
  names?: readonly string[] | undefined;
}

/** The result of {@link renderMetrics}. */
export interface RenderedMetrics {
  /** Value of the Content-Type header. */
  readonly contentType: string;
  readonly body: Buffer;
}

const OPTIONS: OptionTable<RenderOptions> = {
  accept: mustBe(isString, 'a string'),
  names: mustBe(isArrayOfStrings, 'an array of strings'),
};

/**
 * Renders every metric in the registry, including the user's own. The format is text 0.0.4, OpenMetrics 1.0, or the
 * delimited protobuf that native histograms need, whichever `accept` prefers. The registry does not change.
 *
 * A metric whose `get` or `collect` fails, or takes longer than ten seconds, is left out and counted in
 * `thrift_metrics_internal_errors_total`. A long render yields to the event loop every 0.1 ms.
 *
 * @throws {@link ThriftMetricsError} if an option is wrong.
 *
 * @example
 * ```ts
 * const { contentType, body } = await renderMetrics({ names: ['thrift_server_requests_total'] });
 * ```
 */
export async function renderMetrics(options: RenderOptions = {}): Promise<RenderedMetrics> {
  checkOptionTable('renderMetrics', options, OPTIONS);
  return renderWithin(currentRuntime(), METRIC_DEADLINE, options);
}

/**
 * Renders as {@link renderMetrics} does, but waits at most `deadline` milliseconds for a user's metric. A sink receives a
 * long body in chunks, except for its end, which is returned.
 */
export async function renderWithin(
  runtime: Runtime,
  deadline: number | undefined = METRIC_DEADLINE,
  { accept, names }: RenderOptions,
  sink: Sink | null = null,
): Promise<RenderedMetrics> {
  const format = negotiateFormat(accept);
  const isWanted = names === undefined ? everyMetric : metricsNamed(names);
  const group = peerGroupOf(runtime);
  await group.discover();
  const sources = group.hasPeers()
    ? await summedSources(runtime, deadline, isWanted)
    : ownSources(runtime, deadline, isWanted);
  const body = await write(format, sources, sink);
  return { contentType: CONTENT_TYPE[format], body };
}

/** A user's metric that is being collected, or null if that fails. */
type PendingMetric = Promise<MetricValues | null>;

/** What a render writes: the metrics of this process or thread, or the sums over all. */
interface RenderSources {
  readonly sources: readonly (FamilyView | PendingMetric)[];
  /** Default labels of the user's metrics. */
  readonly defaultLabels: Labels;
  /** Default labels of the families. */
  readonly familyLabels: Labels;
  /** The names under which readers see the built-in labels of the families. */
  readonly labelNames: LabelNames;
}

function ownSources(runtime: Runtime, deadline: number, isWanted: MetricFilter): RenderSources {
  const { entries, defaultLabels, familyLabels, labelNames } = registryContents(runtime);
  // All collectors start at once, so that a slow one does not delay the others.
  const sources = entries
    .filter((entry) => isWanted(namedMetric(entry)))
    .map(({ family, userMetric }) => family ?? collectMetric(runtime.faults, userMetric, deadline));
  return { sources, defaultLabels, familyLabels, labelNames };
}

/** The sums over this process and its workers. Their series include the default labels. */
async function summedSources(
  runtime: Runtime,
  deadline: number,
  isWanted: MetricFilter,
): Promise<RenderSources> {
  const { families, userMetrics, labelNames } = await sumOverWorkers(runtime, deadline, isWanted);
  const sources = [...families, ...userMetrics.map((metric) => Promise.resolve(metric))];
  return { sources, defaultLabels: {}, familyLabels: {}, labelNames };
}

async function write(format: Format, from: RenderSources, sink: Sink | null): Promise<Buffer> {
  const { sources } = from;
  const writer = createWriter(format, from, sink !== null);
  const output = new OutputBudget(writer, sink);
  for (const source of sources) {
    if (source instanceof Promise) {
      // oxlint-disable-next-line no-await-in-loop -- metrics are written in the order of the registry
      const metric = await source;
      if (metric === null) continue;
      // oxlint-disable-next-line no-await-in-loop -- metrics are written one after another
      await yieldBetween(writer.userMetric(metric), output);
    } else {
      // oxlint-disable-next-line no-await-in-loop -- families are written one after another
      await writeFamily(writer, source, output);
    }
    // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
    if (output.isSpent()) await output.yield();
  }
  return writer.finish();
}

function createWriter(
  format: Format,
  { sources, defaultLabels, familyLabels, labelNames }: RenderSources,
  inChunks: boolean,
): MetricWriter {
  if (format === 'protobuf') return new ProtobufWriter(defaultLabels, familyLabels, labelNames);
  const families = sources.filter((source): source is FamilyView => !(source instanceof Promise));
  const whole = expectedTextLength(families, labelText(familyLabels).length);
  const expected = inChunks ? Math.min(2 * CHUNK_BYTES, whole) : whole;
  const isOpenMetrics = format === 'openmetrics';
  return new TextWriter(expected, defaultLabels, familyLabels, isOpenMetrics, labelNames);
}

/** Estimates the length of the text, because copying a large buffer that is too small would hold the event loop. */
function expectedTextLength(families: readonly FamilyView[], defaultsLength: number): number {
  let expected = 64 * 1024;
  for (const family of families) {
    const [first] = family.shown();
    if (first === undefined) continue;
    const lines = family.type === 'histogram' ? (first.cell as HistogramCell).bounds.length + 3 : 4;
    const line = family.registeredName.length + first.text.length + defaultsLength + 48;
    expected += family.size * lines * line;
  }
  return expected;
}

async function writeFamily(
  writer: MetricWriter,
  family: FamilyView,
  output: OutputBudget,
): Promise<void> {
  writer.beginFamily(family);
  await yieldBetween(seriesOf(writer, family), output);
  writer.endFamily();
}

function* seriesOf(writer: MetricWriter, family: FamilyView): Generator<void> {
  for (const series of family.shown()) {
    writer.series(family.type, series);
    yield;
  }
}

/** Runs the steps of a long write, and yields to the event loop between them whenever the budget is spent. */
async function yieldBetween(steps: Iterable<void>, output: OutputBudget): Promise<void> {
  let written = 0;
  for (const _ of steps) {
    if (++written % SERIES_PER_CLOCK_READING === 0 && output.isSpent()) {
      // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
      await output.yield();
    }
  }
}

function isArrayOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
