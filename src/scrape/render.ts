import type { HistogramCell } from '../metrics/cell';
import type { Family, FamilyView } from '../metrics/family';
import { type Labels, labelText } from '../metrics/labels';
import type { MetricValues, RegistryMetric } from '../metrics/registry-metric';
import { restoreFamilies } from '../runtime/families';
import { faults } from '../runtime/faults';
import { currentRegistry, defaultLabelsOf } from '../runtime/registry';
import { state } from '../runtime/runtime';
import { ThriftMetricsError } from '../validation/errors';
import { checkOption, checkOptions, isString } from '../validation/options';
import { CONTENT_TYPE, type Format, negotiateFormat } from './negotiate';
import { Pace, PIECE } from './pace';
import { ProtobufWriter } from './protobuf';
import { TextWriter } from './text';
import { collectMetric } from './user-metrics';
import { peers } from './workers/peer-group';
import { sumOfAll } from './workers/sum-of-all';
import type { MetricWriter, Sink } from './writer';

export interface RenderOptions {
  /** The Accept header of the reader, which chooses the format. Prometheus text 0.0.4. */
  accept?: string | undefined;
  /** Only the metrics of these names, prefix included. All. */
  names?: readonly string[] | undefined;
}

export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: Buffer;
}

/** How long a metric of the program is waited for, in milliseconds, unless the reader says how long it waits itself. */
const DEADLINE = 10_000;

/**
 * Everything in the registry as Prometheus reads it, the program's own metrics included: text 0.0.4, OpenMetrics 1.0, or
 * the delimited protobuf that native histograms need, whichever `accept` likes best. The registry is left as it is. A
 * metric whose `get` or `collect` fails, or takes longer than ten seconds, is left out and counted in
 * `thrift_metrics_internal_errors_total`; the rest is written. A long render gives the event loop back every few
 * milliseconds.
 *
 * @throws {@link ThriftMetricsError} when an option is wrong.
 *
 * @example
 * ```ts
 * const { contentType, body } = await renderMetrics({ names: ['thrift_server_requests_total'] });
 * ```
 */
export async function renderMetrics(options: RenderOptions = {}): Promise<RenderedMetrics> {
  checkOptions('renderMetrics', options, ['accept', 'names']);
  checkOption('renderMetrics', 'accept', options.accept, isString, 'a string');
  checkOption('renderMetrics', 'names', options.names, isStrings, 'an array of strings');
  return renderWithin(DEADLINE, options);
}

/**
 * The same, of options known to be right, for a reader who waits for a metric of the program no longer than `deadline`.
 * Where there is a sink, it is given all of a long body but its end, which is what is returned.
 */
export async function renderWithin(
  deadline: number | undefined = DEADLINE,
  { accept, names }: RenderOptions,
  sink: Sink | null = null,
): Promise<RenderedMetrics> {
  if (restoreFamilies()) {
    faults.report(
      'registry',
      new ThriftMetricsError(
        'TM_ERR_REGISTRY_CLEARED',
        'the registry was cleared while it held the metrics of this package; they were put back',
      ),
    );
  }
  const format = negotiateFormat(accept);
  const isWanted = wanted(names);
  const contents = peers.any()
    ? await contentsOfAll(deadline, isWanted)
    : ownContents(deadline, isWanted);
  const body = await write(format, contents, sink);
  return { contentType: CONTENT_TYPE[format], body };
}

type Wanted = (metric: { name: string; type: string }) => boolean;

/** A metric of the program, as soon as it is collected; null where that failed. */
type Foreign = Promise<MetricValues | null>;

interface Contents {
  readonly sources: readonly (FamilyView | Foreign)[];
  readonly defaultLabels: Labels;
}

function ownContents(deadline: number, isWanted: Wanted): Contents {
  const registry = currentRegistry();
  const families = new Set<unknown>(state.families.values());
  // Begun together: a collector that waits for something does not make the others wait.
  const sources = (registry.getMetricsAsArray() as RegistryMetric[])
    .filter(isWanted)
    .map((metric) => (families.has(metric) ? (metric as Family) : collectMetric(metric, deadline)));
  return { sources, defaultLabels: { ...defaultLabelsOf(registry) } };
}

/** The sum over this process and its workers. */
async function contentsOfAll(deadline: number, isWanted: Wanted): Promise<Contents> {
  const { families, foreign } = await sumOfAll(deadline, isWanted);
  const sources = [...families, ...foreign.map((metric) => Promise.resolve(metric))];
  return { sources, defaultLabels: {} };
}

async function write(
  format: Format,
  { sources, defaultLabels }: Contents,
  sink: Sink | null,
): Promise<Buffer> {
  const writer = createWriter(format, sources, defaultLabels, sink !== null);
  const pace = new Pace(writer, sink);
  for (const source of sources) {
    if (source instanceof Promise) {
      // oxlint-disable-next-line no-await-in-loop -- written in the order of the registry
      const metric = await source;
      if (metric !== null) writer.foreign(metric);
    } else {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, with rests between them
      await writeFamily(writer, source, pace);
    }
    // oxlint-disable-next-line no-await-in-loop -- a rest is meant to hold the loop
    if (pace.isOver()) await pace.rest();
  }
  return writer.finish();
}

function createWriter(
  format: Format,
  sources: Contents['sources'],
  defaultLabels: Labels,
  inPieces: boolean,
): MetricWriter {
  if (format === 'protobuf') return new ProtobufWriter(defaultLabels);
  const families = sources.filter((source): source is FamilyView => !(source instanceof Promise));
  const expected = inPieces
    ? 2 * PIECE
    : expectedTextLength(families, labelText(defaultLabels).length);
  return new TextWriter(expected, defaultLabels, format === 'openmetrics');
}

/** About how long the text will be: to copy a buffer that has grown too small would hold the event loop. */
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

/** Looked at only so often: reading the clock for each series would cost as much as writing some. */
const SERIES_BETWEEN_LOOKS = 16;

async function writeFamily(writer: MetricWriter, family: FamilyView, pace: Pace): Promise<void> {
  writer.beginFamily(family);
  let written = 0;
  for (const series of family.series()) {
    writer.series(family.type, series);
    if (++written % SERIES_BETWEEN_LOOKS === 0 && pace.isOver()) {
      // oxlint-disable-next-line no-await-in-loop -- a rest is meant to hold the loop
      await pace.rest();
    }
  }
  writer.endFamily();
}

function wanted(names: readonly string[] | undefined): Wanted {
  if (names === undefined) return () => true;
  const set = new Set(names);
  return (metric) => sampleNames(metric).some((name) => set.has(name));
}

/** A reader may ask for a metric by its name, or by that of a sample of it. */
function sampleNames({ name, type }: { name: string; type: string }): string[] {
  return type === 'histogram' || type === 'summary'
    ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]
    : [name];
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
