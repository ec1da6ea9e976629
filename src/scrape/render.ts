import type { HistogramCell } from '../metrics/cell';
import type { FamilyView } from '../metrics/family';
import { type Labels, labelText } from '../metrics/labels';
import type { MetricValues } from '../metrics/registry-metric';
import { type Runtime, currentRuntime } from '../runtime/runtime';
import { checkOptionTable, isString, mustBe, type OptionTable } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { registryContents } from './contents';
import { METRIC_DEADLINE } from './deadlines';
import { CONTENT_TYPE, type Format, negotiateFormat } from './negotiate';
import { ProtobufWriter } from './protobuf';
import { TextWriter } from './text';
import { CHUNK, OutputBudget } from './time-budget';
import { collectMetric } from './user-metrics';
import { peerGroupOf } from './workers/peer-group';
import { sumOfAll } from './workers/sum-of-all';
import type { MetricWriter, Sink } from './writer';

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

export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: Buffer;
}

const OPTIONS: OptionTable<RenderOptions> = {
  accept: mustBe(isString, 'a string'),
  names: mustBe(isStrings, 'an array of strings'),
};

/**
 * Renders every metric in the registry, including the user's own: as text 0.0.4, OpenMetrics 1.0, or the delimited protobuf
 * that native histograms need, whichever `accept` prefers. The registry is not changed. A metric whose `get` or `collect`
 * fails, or takes longer than ten seconds, is left out and counted in `thrift_metrics_internal_errors_total`. A long render
 * yields to the event loop every 0.1 ms.
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
 * Renders as {@link renderMetrics} does, but waits no longer than `deadline` milliseconds for a metric of the user. A sink
 * receives all of a long body but its end, which is returned.
 */
export async function renderWithin(
  runtime: Runtime,
  deadline: number | undefined = METRIC_DEADLINE,
  { accept, names }: RenderOptions,
  sink: Sink | null = null,
): Promise<RenderedMetrics> {
  if (runtime.families.restore()) {
    runtime.faults.report(
      'registry',
      new ThriftMetricsError(
        'TM_ERR_REGISTRY_CLEARED',
        'The registry was cleared while it held the metrics of thrift-metrics. They were put back.',
      ),
    );
  }
  const format = negotiateFormat(accept);
  const isWanted = wanted(names);
  const contents = peerGroupOf(runtime).any()
    ? await contentsOfAll(runtime, deadline, isWanted)
    : ownContents(runtime, deadline, isWanted);
  const body = await write(format, contents, sink);
  return { contentType: CONTENT_TYPE[format], body };
}

type Wanted = (metric: { name: string; type: string }) => boolean;

/** A metric of the user that is being collected; null if that fails. */
type PendingMetric = Promise<MetricValues | null>;

interface Contents {
  readonly sources: readonly (FamilyView | PendingMetric)[];
  readonly defaultLabels: Labels;
}

function ownContents(runtime: Runtime, deadline: number, isWanted: Wanted): Contents {
  const { families, faults } = runtime;
  const { metrics, defaultLabels } = registryContents(runtime);
  // All collectors start at once, so that a slow one does not delay the others.
  const sources = metrics
    .filter(isWanted)
    .map((metric) => (families.has(metric) ? metric : collectMetric(faults, metric, deadline)));
  return { sources, defaultLabels };
}

/** The sums over this process and its workers. */
async function contentsOfAll(
  runtime: Runtime,
  deadline: number,
  isWanted: Wanted,
): Promise<Contents> {
  const { families, userMetrics } = await sumOfAll(runtime, deadline, isWanted);
  const sources = [...families, ...userMetrics.map((metric) => Promise.resolve(metric))];
  return { sources, defaultLabels: {} };
}

async function write(
  format: Format,
  { sources, defaultLabels }: Contents,
  sink: Sink | null,
): Promise<Buffer> {
  const writer = createWriter(format, sources, defaultLabels, sink !== null);
  const output = new OutputBudget(writer, sink);
  for (const source of sources) {
    if (source instanceof Promise) {
      // oxlint-disable-next-line no-await-in-loop -- written in the order of the registry
      const metric = await source;
      if (metric !== null) writer.userMetric(metric);
    } else {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, yielding in between
      await writeFamily(writer, source, output);
    }
    // oxlint-disable-next-line no-await-in-loop -- yielding is meant to hold the loop
    if (output.isSpent()) await output.yield();
  }
  return writer.finish();
}

function createWriter(
  format: Format,
  sources: Contents['sources'],
  defaultLabels: Labels,
  inChunks: boolean,
): MetricWriter {
  if (format === 'protobuf') return new ProtobufWriter(defaultLabels);
  const families = sources.filter((source): source is FamilyView => !(source instanceof Promise));
  const expected = inChunks
    ? 2 * CHUNK
    : expectedTextLength(families, labelText(defaultLabels).length);
  return new TextWriter(expected, defaultLabels, format === 'openmetrics');
}

/** Estimates the length of the text, because copying a buffer that has become too small would hold the event loop. */
function expectedTextLength(families: readonly FamilyView[], defaultsLength: number): number {
  let expected = 64 * 1024;
  for (const family of families) {
    const [first] = family.series();
    if (first === undefined) continue;
    const lines = family.type === 'histogram' ? (first.cell as HistogramCell).counts.length + 2 : 4;
    const line = family.registeredName.length + first.text.length + defaultsLength + 48;
    expected += family.size * lines * line;
  }
  return expected;
}

/** Series between two looks at the clock. Reading it for every series would cost as much as writing some. */
const SERIES_BETWEEN_LOOKS = 16;

async function writeFamily(
  writer: MetricWriter,
  family: FamilyView,
  output: OutputBudget,
): Promise<void> {
  writer.beginFamily(family);
  let written = 0;
  for (const series of family.series()) {
    writer.series(family.type, series);
    if (++written % SERIES_BETWEEN_LOOKS === 0 && output.isSpent()) {
      // oxlint-disable-next-line no-await-in-loop -- yielding is meant to hold the loop
      await output.yield();
    }
  }
  writer.endFamily();
}

function wanted(names: readonly string[] | undefined): Wanted {
  if (names === undefined) return () => true;
  const set = new Set(names);
  return (metric) => sampleNames(metric).some((name) => set.has(name));
}

/** A reader may ask for a metric by its own name or by the name of one of its samples. */
function sampleNames({ name, type }: { name: string; type: string }): string[] {
  return type === 'histogram' || type === 'summary'
    ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]
    : [name];
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
