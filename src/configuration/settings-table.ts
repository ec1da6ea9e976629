import { defaultSettings } from '../runtime/settings';
import {
  CALLS,
  CONFIG_FILE,
  COUNT,
  CREDENTIALS,
  DASHBOARD_URL,
  FILE,
  HOST,
  LABEL_NAMES,
  LABELS,
  NAME,
  NATIVE_HISTOGRAMS,
  NUMBERS,
  PORT,
  PREFIX,
  RULES,
  SECONDS,
  SECRET,
  type SettingKind,
  SWITCH,
  URL_PATH,
} from './setting-kinds';

/** Begins the name of every environment variable of this package. */
export const PREFIX_OF_VARIABLES = 'THRIFT_METRICS_';

/**
 * What a setting sets: an option of `configureMetrics` or `startMetricsServer`, who can read the metrics and how they are
 * encrypted, or something that only programs under `thrift-metrics/auto` or only the settings themselves have.
 */
type Target = 'metrics' | 'server' | 'auth' | 'tls' | 'auto' | 'settings';

/** One setting. Everything that reads, checks, applies, describes or documents settings goes through this table. */
export interface Setting {
  readonly target: Target;
  /** The key in the file, with a dot between the keys of nested mappings. Null if the file cannot hold it. */
  readonly key: string | null;
  /** The name of the option that it sets, of those of its target. */
  readonly option: string;
  readonly variable: string;
  /** Another variable for the same setting, which counts only without the first. */
  readonly alias?: string;
  readonly kind: SettingKind;
  /** The value if no source sets it. */
  readonly fallback: unknown;
  /** The default in words, where the value does not show it. */
  readonly defaultText?: string;
  readonly meaning: string;
}

const { defaultLabels, prefix, buckets, maxSeriesPerMetric } = defaultSettings();

/** Creates an option of `configureMetrics`, which has the same name in the file. */
function metrics(
  option: string,
  kind: SettingKind,
  fallback: unknown,
  meaning: string,
  more: Partial<Setting> = {},
): Setting {
  const variable = variableOf(option);
  return { target: 'metrics', key: option, option, variable, kind, fallback, meaning, ...more };
}

/** Creates a setting of the metrics server, which the file holds below `server`. */
function server(
  target: Target,
  path: string,
  kind: SettingKind,
  fallback: unknown,
  meaning: string,
  more: Partial<Setting> = {},
): Setting {
  const option = path.split('.').at(-1) ?? path;
  const variable = variableOf(path);
  return { target, key: `server.${path}`, option, variable, kind, fallback, meaning, ...more };
}

/** Creates a switch that belongs to the settings themselves or to `auto`, and not to a function. */
function flag(target: Target, option: string, fallback: boolean, meaning: string): Setting {
  const variable = variableOf(option);
  return { target, key: option, option, variable, kind: SWITCH, fallback, meaning };
}

export const SETTINGS: readonly Setting[] = [
  metrics('enabled', SWITCH, true, 'Whether calls are recorded.'),
  metrics('defaultLabels', LABELS, defaultLabels, 'Labels on every series.', {
    alias: `${PREFIX_OF_VARIABLES}LABELS`,
    defaultText: 'none',
  }),
  metrics('prefix', PREFIX, prefix, 'Prefix of every metric name.', { defaultText: 'none' }),
  metrics('buckets', NUMBERS, buckets, 'Upper bounds of histograms that set none, in seconds.'),
  metrics(
    'processMetrics',
    SWITCH,
    null,
    'Whether the registry contains metrics of the process and of Node.js.',
    { defaultText: '`true` once a metrics server has started' },
  ),
  metrics('maxSeriesPerMetric', COUNT, maxSeriesPerMetric, 'Maximum number of series of a metric.'),
  metrics(
    'expireAfter',
    SECONDS,
    null,
    'Seconds after which a series of calls in which nothing is recorded is removed.',
    { defaultText: 'series stay' },
  ),
  metrics(
    'nativeHistograms',
    NATIVE_HISTOGRAMS,
    false,
    'Native buckets for every histogram that does not set `native`.',
  ),
  metrics('labelNames', LABEL_NAMES, {}, 'Own names of built-in labels.', { defaultText: 'none' }),
  metrics('rules', RULES, [], 'Rules of the operator for methods and metrics, by patterns.', {
    defaultText: 'none',
  }),
  metrics(
    'callers',
    SWITCH,
    null,
    'Whether servers count [calls by caller](../how-to/callers.md), and clients name their caller in every request.',
    { defaultText: 'only callers that requests name, and only in requests with a trace context' },
  ),
  metrics('callerName', NAME, null, 'The name under which this program calls others.', {
    defaultText: 'the name of the program, or else of each client',
  }),
  metrics(
    'errorDetails',
    SWITCH,
    true,
    'Whether messages and stacks of errors are kept for the live page and `/-/calls`, which show them to known readers.',
  ),
  metrics(
    'calls',
    CALLS,
    true,
    'Whether [single calls](calls.md) are kept for the live page and `/-/calls`, and what is shown of their arguments.',
  ),
  server('server', 'port', PORT, 8000, 'Port of the metrics server. `0` picks a free one.'),
  server('server', 'host', HOST, null, 'Host name or address of the metrics server.', {
    defaultText: 'all interfaces',
  }),
  server('server', 'path', URL_PATH, '/metrics', 'Path of the metrics.'),
  server('server', 'page', SWITCH, true, 'Whether `GET /` answers with the live page.'),
  server(
    'server',
    'profile',
    SWITCH,
    false,
    'Whether [profiles](../how-to/profile.md) can be taken. Needs authentication.',
  ),
  server(
    'server',
    'dashboardUrl',
    DASHBOARD_URL,
    null,
    'Grafana dashboard that the live page links to.',
    { defaultText: 'none' },
  ),
  server('auth', 'token', SECRET, null, 'Bearer token that readers must send.', {
    defaultText: 'open to everyone',
  }),
  server('auth', 'tokenFile', FILE, null, 'File that holds the token.', { defaultText: 'none' }),
  server('auth', 'basicAuth', CREDENTIALS, null, 'User and password of HTTP Basic.', {
    defaultText: 'open to everyone',
  }),
  server('auth', 'basicAuthFile', FILE, null, 'File that holds `user:password`.', {
    defaultText: 'none',
  }),
  server('tls', 'tls.certFile', FILE, null, 'Certificate in PEM format. Serves HTTPS.', {
    defaultText: 'plain HTTP',
  }),
  server('tls', 'tls.keyFile', FILE, null, 'Private key of the certificate, in PEM format.', {
    defaultText: 'none',
  }),
  server(
    'tls',
    'tls.caFile',
    FILE,
    null,
    'Authorities in PEM format. Readers must present a certificate of one of them.',
    { defaultText: 'none' },
  ),
  server('auto', 'enabled', SWITCH, true, 'Whether `auto` starts a metrics server.', {
    variable: `${PREFIX_OF_VARIABLES}SERVER`,
  }),
  flag('auto', 'clients', true, 'Whether `auto` measures clients that the program creates.'),
  flag('auto', 'connections', true, 'Whether `auto` measures the connections of servers.'),
  flag(
    'auto',
    'tracing',
    false,
    'Whether `auto` creates [spans of OpenTelemetry](../how-to/tracing.md).',
  ),
  flag(
    'settings',
    'strict',
    false,
    'Whether a wrong setting ends the program at its start instead of being reported.',
  ),
  {
    target: 'settings',
    key: null,
    option: 'config',
    variable: `${PREFIX_OF_VARIABLES}CONFIG`,
    kind: CONFIG_FILE,
    fallback: null,
    defaultText: 'none',
    meaning: 'File with settings, which is read again when it changes.',
  },
];

/** Options of `configureMetrics` that are not data, so that only the program can set them. */
export const CODE_ONLY: readonly string[] = ['registry', 'exemplar', 'onError'];

/** Returns the environment variable of an option: `tls.certFile` becomes `THRIFT_METRICS_TLS_CERT_FILE`. */
export function variableOf(option: string): string {
  const words = option.replaceAll('.', '_').replaceAll(/[A-Z]/g, '_$&');
  return PREFIX_OF_VARIABLES + words.toUpperCase();
}
