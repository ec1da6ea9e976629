import type { FaultStatus, ProcessStatus } from '../../status/process-status';

/** The rules of `doctor`. A test compares `docs/reference/cli.md` with this table. */
export const DOCTOR_RULES = [
  'recording-off',
  'nothing-measured',
  'reported',
  'internal-errors',
  'unmeasured-thrift',
  'unmeasured-handler',
  'several-versions',
  'missing-metrics',
  'series-limit',
  'one-worker',
] as const;

export interface Diagnosis {
  readonly rule: (typeof DOCTOR_RULES)[number];
  /** What is wrong, and what to change. */
  readonly text: string;
}

/** Fraction of the limit above which the number of series is a finding. */
const NEAR_LIMIT = 0.8;

/** Finds what a user should change in a process. */
export function diagnose(status: ProcessStatus): Diagnosis[] {
  return [
    ...diagnoseRecording(status),
    ...status.faults.flatMap((fault) => [...diagnoseFault(fault)]),
    ...diagnoseThrift(status),
    ...diagnoseVersions(status),
    ...diagnoseSeries(status),
  ];
}

function* diagnoseRecording({
  isRecording,
  instrumented,
  faults,
  process,
}: ProcessStatus): Generator<Diagnosis> {
  if (!isRecording) {
    const text =
      'Calls are not recorded. Set enabled to true, as in configureMetrics({ enabled: true }).';
    yield { rule: 'recording-off', text };
  }
  const { isAutomatic, handlers, services, servers, clients } = instrumented;
  const isExplained = faults.some(({ code }) => code === 'TM_ERR_NO_THRIFT');
  const parts = handlers.length + services.length + servers.length + clients.length;
  if (parts === 0 && process.workers === 0 && !isExplained) {
    const text = isAutomatic
      ? 'The process has created no Thrift server, client or processor. If it should have, load thrift-metrics/auto before all other modules, and leave thrift out of bundles.'
      : 'Nothing is instrumented. Decorate a handler class with @Instrumented, or start the program with --require thrift-metrics/auto.';
    yield { rule: 'nothing-measured', text };
  }
  if (process.role === 'cluster worker') {
    const text =
      'A cluster worker answered, so this status and these metrics are only those of that worker. Serve the metrics in the primary process, and ask that one.';
    yield { rule: 'one-worker', text };
  }
}

function* diagnoseFault({ site, count, code, message }: FaultStatus): Generator<Diagnosis> {
  // The rule `series-limit` explains it.
  if (code === 'TM_ERR_SERIES_LIMIT') return;
  if (code !== null) {
    const text = message === '' ? 'see the log of the process' : message;
    yield { rule: 'reported', text: `${code} at ${site}: ${text}` };
  } else {
    const text = `${count} faults at ${site}. See the first one, which was passed to onError and is in the log of the process by default.`;
    yield { rule: 'internal-errors', text };
  }
}

function* diagnoseThrift({ versions, instrumented }: ProcessStatus): Generator<Diagnosis> {
  const { isAutomatic, handlers, services } = instrumented;
  for (const { version, folder, isAutomatic: isMeasured } of versions.thrift) {
    if (!isAutomatic || isMeasured) continue;
    const text = `Servers and clients of thrift ${version} in ${folder} are not measured, because it was loaded before thrift-metrics/auto, or on Bun by import. Load thrift-metrics/auto first, or pass the handlers to instrumentHandler.`;
    yield { rule: 'unmeasured-thrift', text };
  }
  const measured = new Set(handlers.map(({ service }) => service));
  const parts = services.filter(({ service }) => !measured.has(service));
  // A handler may name a service by another name than the generated code does.
  if (measured.size > 0) return;
  for (const { service } of parts) {
    const text = `The messages of service ${service} are measured, but no method of its handler is. Decorate the handler, or pass it to instrumentHandler.`;
    yield { rule: 'unmeasured-handler', text };
  }
}

function* diagnoseVersions({ versions, registry }: ProcessStatus): Generator<Diagnosis> {
  const copies = versions.package.map(({ version, folder }) => `${version} in ${folder}`);
  if (new Set(versions.package.map(({ version }) => version)).size > 1) {
    const text = `Several versions of thrift-metrics are loaded: ${copies.join(', ')}. Install one version.`;
    yield { rule: 'several-versions', text };
  }
  if (registry.missing.length > 0) {
    const text = `${registry.missing.join(', ')} ${registry.missing.length === 1 ? 'is' : 'are'} not in the registry, because they were removed or another metric has the name. Do not remove them, or set a prefix.`;
    yield { rule: 'missing-metrics', text };
  }
}

function* diagnoseSeries({ series: { limit, metrics } }: ProcessStatus): Generator<Diagnosis> {
  for (const { metric, series, dropped } of metrics) {
    if (series < limit * NEAR_LIMIT && dropped === 0) continue;
    const lost = dropped === 0 ? '' : `, and ${dropped} records went to the series _other`;
    const text = `${metric} has ${series} series of at most ${limit}${lost}. Use fewer label values, or raise maxSeriesPerMetric.`;
    yield { rule: 'series-limit', text };
  }
}
