import type {
  DetailStatus,
  EndpointStatus,
  Instrumented,
  ProcessStatus,
} from '../../status/process-status';
import { renderTable, shown, withNoun } from '../output';

/** Metrics that are listed. The others have fewer series. */
const MOST_METRICS = 20;

/** Describes a status in lines, by section. */
export function describeReport(status: ProcessStatus): string[] {
  const sections: [title: string, lines: readonly string[]][] = [
    ['Process', describeProcess(status)],
    ['Versions', describeVersions(status)],
    ['Instrumented', describeInstrumented(status.instrumented)],
    ['Registry and endpoints', describeServing(status)],
    ['Settings', describeSettings(status)],
    ['Series', describeSeries(status)],
    ['Faults', describeFaults(status)],
  ];
  return sections
    .flatMap(([title, lines]) => ['', title, ...lines.map((text) => `  ${text}`)])
    .slice(1);
}

function describeProcess({ process, isRecording, details }: ProcessStatus): string[] {
  const { pid, program, uptime, runtime, runtimeVersion, role, workers } = process;
  const roles = {
    single: 'single process',
    primary: `primary of ${withNoun(workers, 'worker')}`,
    'cluster worker': 'cluster worker',
    'worker thread': 'worker thread',
  } as const;
  return [
    `${pid}, ${shown(program ?? 'no main module')}, ${runtime} ${shown(runtimeVersion)}, up ${uptime} s`,
    `${roles[role]}, ${isRecording ? 'records calls' : 'does not record calls'}`,
    describeDetails(details),
  ];
}

function describeDetails({ calls, arguments: args, errors, callers }: DetailStatus): string {
  const texts = {
    errors: {
      kept: 'keeps messages and stacks of errors',
      redacted: 'keeps messages and stacks of errors that a function redacts',
      'not kept': 'keeps no messages and stacks of errors',
    },
    callers: {
      all: 'counts calls by caller',
      named: 'counts calls by caller where requests name one',
      none: 'does not count calls by caller',
    },
  } as const;
  const kept = calls
    ? `keeps single calls ${args ? 'with' : 'without'} their arguments`
    : 'keeps no single calls';
  return [kept, texts.errors[errors], texts.callers[callers]].join(', ');
}

function describeVersions({ versions }: ProcessStatus): string[] {
  const { otherThrift } = versions;
  const rows = [
    ...versions.package.map(({ version, folder }) => ['thrift-metrics', version, folder, '']),
    ...versions.clientLibraries.map(({ name, version, folder, isUsed }) => [
      name,
      version,
      folder,
      isUsed ? 'used' : 'not used',
    ]),
    ...versions.thrift.map(({ version, folder, isAutomatic }) => [
      'thrift',
      version,
      folder,
      isAutomatic ? 'instrumented by auto' : '',
    ]),
    ...otherThrift.map((name) => [name, '', '', 'another implementation: not measured']),
  ];
  return renderTable(
    [{ title: 'package' }, { title: 'version' }, { title: 'folder' }, { title: '' }],
    rows,
  );
}

function describeInstrumented({
  isAutomatic,
  handlers,
  facades,
  services,
  servers,
  clients,
}: Instrumented): string[] {
  const rows = [
    ...handlers.map(({ service, methods }) => [
      'handler',
      service,
      methods.map(({ method }) => method).join(', '),
      countOf(service, facades),
    ]),
    ...services.map(({ service, methods }) => ['messages', service, methods.join(', '), '']),
    ...clients.map(({ service, name, methods }) => [
      'client',
      service,
      methods.join(', '),
      name === service ? '' : `as ${name}`,
    ]),
    ...servers.map(({ transport, address }) => [
      'server',
      transport,
      address ?? 'does not listen',
      '',
    ]),
  ];
  const lines = renderTable(
    [{ title: 'what' }, { title: 'of' }, { title: 'methods' }, { title: '' }],
    rows,
  );
  const auto = `thrift-metrics/auto is ${isAutomatic ? '' : 'not '}loaded`;
  return rows.length === 0 ? [auto, 'nothing'] : [auto, ...lines];
}

/** How many handlers of a service are measured without decorators. */
function countOf(service: string, facades: Instrumented['facades']): string {
  const count = facades.find((each) => each.service === service)?.count ?? 0;
  return count === 0 ? 'decorated' : `${count} without decorators`;
}

function describeServing({ registry, endpoints }: ProcessStatus): string[] {
  const { library, prefix, metrics, otherMetrics } = registry;
  const registryName =
    library === null ? 'a registry of the program' : `the global registry of ${library}`;
  return [
    `${shown(registryName)}, with ${metrics} metrics of this package${prefix === '' ? '' : ` (prefix ${shown(prefix)})`} and ${otherMetrics} others`,
    ...endpoints.map(describeEndpoint),
  ];
}

function describeEndpoint(endpoint: EndpointStatus): string {
  const { startedBy, url, path, tls, auth, page, profile } = endpoint;
  const access = auth === 'none' ? 'open to everyone' : `auth by ${auth}`;
  const content = [page ? 'live page' : 'no page', profile ? 'profiles' : 'no profiles'];
  if (url === null)
    return [`${startedBy} in a server of the program`, access, ...content].join(', ');
  const parts = [access, tls ? 'TLS' : 'no TLS', ...content];
  return shown(`${url}${path ?? ''} by ${startedBy}, ${parts.join(', ')}`);
}

function describeSettings({ settings }: ProcessStatus): string[] {
  return renderTable(
    [{ title: 'setting' }, { title: 'value' }, { title: 'from' }],
    settings.map(({ name, value, origin }) => [name, value === '' ? "''" : value, origin]),
  );
}

function describeSeries({ series: { limit, metrics } }: ProcessStatus): string[] {
  const rows = metrics
    .slice(0, MOST_METRICS)
    .map(({ metric, series, dropped }) => [metric, String(series), String(dropped)]);
  const omitted = metrics.length - rows.length;
  return [
    `at most ${limit} per metric`,
    ...renderTable(
      [
        { title: 'metric' },
        { title: 'series', align: 'right' },
        { title: 'dropped', align: 'right' },
      ],
      rows,
    ),
    ...(omitted > 0 ? [`and ${omitted} metrics with fewer series`] : []),
  ];
}

function describeFaults({ faults }: ProcessStatus): string[] {
  if (faults.length === 0) return ['none'];
  return renderTable(
    [{ title: 'site' }, { title: 'count', align: 'right' }, { title: 'code' }],
    faults.map(({ site, count, code }) => [site, String(count), code ?? '']),
  );
}
