import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { certify } from '../support/certify';
import { sumOf } from '../support/sum-of';
import { NOT_KEPT } from '../../src/tools/hidden-details';
import type { MethodDetail } from '../../src/tools/page/browser/protocol';
import type { Observed } from './program/observe';

/** A secret that must not appear in a message. */
export const SECRET = 'hunter2-Zq8vXw';

/** How one setting is set, rightly and wrongly, and how a program shows that it is in force. */
export interface Example {
  /** The value of the variable. */
  readonly text: string;
  /** The value in the file. */
  readonly inFile?: unknown;
  /** Other settings that this one needs. */
  readonly with?: Readonly<Record<string, string>>;
  readonly wrongText: string;
  /** Values for the file that are wrong, too. */
  readonly wrongInFile?: unknown;
  /** What the message about a wrong value contains. */
  readonly expected: string;
  /** Whether the program writes the address of its metrics server if the setting is right. */
  readonly hasAddress?: boolean;
  /** Whether the program behaves as the setting says. */
  readonly holds: (observed: Observed) => boolean | Promise<boolean>;
}

const basic = (credentials: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
});
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

const requests = async ({ read }: Observed, labels: Record<string, string> = {}): Promise<number> =>
  sumOf(await read(), 'thrift_server_requests_total', labels);

const status = async (
  { get }: Observed,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> => (await get(path, headers)).status;

/** What the live page shows of a method. */
const detail = async ({ get }: Observed): Promise<Partial<MethodDetail>> =>
  JSON.parse((await get('/-/method.json?service=Store&method=find')).text) as MethodDetail;

/** Whether the metrics are readable with these headers, and not without. */
const requires = async (observed: Observed, headers: Record<string, string>): Promise<boolean> =>
  (await status(observed, '/metrics')) === 401 &&
  (await status(observed, '/metrics', headers)) === 200;

/** Creates the examples, by the variable of their setting, with the files that they need. */
export async function createExamples(folder: string): Promise<Readonly<Record<string, Example>>> {
  const { cert, key } = await certify('localhost');
  const files = { 'token.txt': `${SECRET}\n`, 'basic.txt': `scraper:${SECRET}\n`, cert, key };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const inFolder = (name: string): string => join(folder, name);
  const port = await freePort();
  return {
    THRIFT_METRICS_ENABLED: {
      text: 'OFF',
      inFile: false,
      wrongText: 'maybe',
      expected: 'true or false',
      holds: async (observed) => (await requests(observed)) === 0,
    },
    THRIFT_METRICS_DEFAULT_LABELS: {
      text: 'env=prod,region=eu',
      inFile: { env: 'prod', region: 'eu' },
      wrongText: 'le=1',
      wrongInFile: { le: '1' },
      expected: "label 'le'",
      holds: async (observed) => (await requests(observed, { env: 'prod', region: 'eu' })) > 0,
    },
    THRIFT_METRICS_PREFIX: {
      text: 'shop_',
      wrongText: 'my shop',
      expected: 'letters, digits',
      holds: async ({ read }) => sumOf(await read(), 'shop_thrift_server_requests_total', {}) > 0,
    },
    THRIFT_METRICS_BUCKETS: {
      text: '0.5, 1,2.5e0',
      inFile: [0.5, 1, 2.5],
      wrongText: '1,0.5',
      wrongInFile: [1, 'two'],
      expected: 'ascending order',
      holds: async ({ read }) => {
        const samples = await read();
        const bounds = samples
          .filter(({ name, labels }) => {
            const isAdd = labels.get('thrift_method') === 'add';
            return name === 'thrift_server_latency_seconds_bucket' && isAdd;
          })
          .map(({ labels }) => labels.get('le'));
        return String([...new Set(bounds)]) === '0.5,1,2.5,+Inf';
      },
    },
    THRIFT_METRICS_PROCESS_METRICS: {
      text: 'no',
      inFile: false,
      wrongText: '2',
      wrongInFile: 2,
      expected: 'true or false',
      holds: async ({ read }) => !(await read()).some(({ name }) => name.startsWith('process_')),
    },
    THRIFT_METRICS_ERROR_DETAILS: {
      text: 'off',
      inFile: false,
      wrongText: 'sometimes',
      expected: 'true, false or a function',
      holds: async (observed) => (await detail(observed)).hidden === NOT_KEPT,
    },
    THRIFT_METRICS_LABEL_NAMES: {
      text: 'thrift_service=service,thrift_method=method',
      inFile: { thrift_service: 'service', thrift_method: 'method' },
      wrongText: 'service=thrift_service',
      wrongInFile: { service: 'x' },
      expected: "renames 'service', which is not a built-in label. Did you mean 'thrift_service'?",
      holds: async (observed) => (await requests(observed, { method: 'add' })) > 0,
    },
    THRIFT_METRICS_RULES: {
      text: '[{"match":{"method":"a*"},"exclude":true}]',
      inFile: [{ match: { method: 'a*' }, exclude: true }],
      wrongText: '[{"match":{"method":"a*"},"exlude":true}]',
      wrongInFile: [{ match: { method: 'a*' }, exlude: true }],
      expected: "Did you mean 'exclude'?",
      holds: async ({ read }) => {
        const methods = new Set((await read()).map(({ labels }) => labels.get('thrift_method')));
        return methods.has('ping') && !methods.has('add');
      },
    },
    THRIFT_METRICS_MAX_SERIES_PER_METRIC: {
      text: '2',
      inFile: 2,
      wrongText: '0',
      wrongInFile: 0,
      expected: 'a whole number above 0',
      holds: async (observed) =>
        (await requests(observed, { thrift_method: 'find', key: '_other' })) > 0,
    },
    THRIFT_METRICS_EXPIRE_AFTER: {
      text: '0.1',
      inFile: 0.1,
      wrongText: '0',
      wrongInFile: 0,
      expected: 'a number of seconds above 0',
      holds: async ({ read }) => sumOf(await read(), 'thrift_metrics_expired_series_total', {}) > 0,
    },
    THRIFT_METRICS_NATIVE_HISTOGRAMS: {
      text: 'resolution=5,maxBuckets=20',
      inFile: { resolution: 5, maxBuckets: 20 },
      wrongText: 'resolution=9',
      wrongInFile: { resolution: 9 },
      expected: 'a whole number from -4 to 8',
      holds: async ({ readProtobuf }) => {
        const family = (await readProtobuf()).find(
          ({ name }) => name === 'thrift_server_latency_seconds',
        );
        return family?.metric?.some(({ histogram }) => histogram?.schema === 5) === true;
      },
    },
    THRIFT_METRICS_CALLERS: {
      text: 'true',
      inFile: true,
      // A client without a name to send would be reported.
      with: { THRIFT_METRICS_CALLER_NAME: 'checkout' },
      wrongText: 'some',
      wrongInFile: 1,
      expected: 'true or false',
      // Calls without a name only count then.
      holds: async ({ read }) =>
        (await read()).some(({ labels }) => labels.get('thrift_caller') === '_unknown'),
    },
    THRIFT_METRICS_CALLER_NAME: {
      text: 'checkout',
      with: { THRIFT_METRICS_CALLERS: 'true' },
      wrongText: 'check\nout',
      wrongInFile: ['checkout'],
      expected: 'up to 256 characters',
      holds: async ({ read }) => {
        const calls = { thrift_caller: 'checkout' };
        return sumOf(await read(), 'thrift_server_caller_requests_total', calls) > 0;
      },
    },
    THRIFT_METRICS_CALLS: {
      text: 'off',
      inFile: { enabled: false },
      wrongText: 'arguments=all',
      wrongInFile: { arguments: 'all' },
      expected: "'none', 'types'",
      holds: async ({ get }) => {
        const { enabled } = JSON.parse((await get('/-/calls')).text) as { enabled: boolean };
        return !enabled;
      },
    },
    THRIFT_METRICS_PORT: {
      text: String(port),
      inFile: port,
      wrongText: '70000',
      wrongInFile: 70_000,
      expected: 'a whole number from 0 to 65535',
      holds: async ({ get }) =>
        (await get('/healthz', {}, `http://localhost:${port}`).catch(() => null))?.status === 200,
      hasAddress: false,
    },
    THRIFT_METRICS_HOST: {
      text: '127.0.0.2',
      wrongText: 'http://localhost',
      wrongInFile: 'localhost:8000',
      expected: 'a host name or an address',
      holds: ({ url }) => url?.startsWith('http://127.0.0.2:') === true,
    },
    THRIFT_METRICS_PATH: {
      text: '/internal/metrics',
      wrongText: 'metrics',
      expected: "a path that starts with '/'",
      holds: async (observed) => (await status(observed, '/internal/metrics')) === 200,
    },
    THRIFT_METRICS_PAGE: {
      text: '0',
      inFile: false,
      wrongText: 'none',
      expected: 'true or false',
      holds: async (observed) => (await status(observed, '/')) === 404,
    },
    THRIFT_METRICS_PROFILE: {
      text: 'yes',
      inFile: true,
      with: { THRIFT_METRICS_TOKEN: SECRET },
      wrongText: 'cpu',
      wrongInFile: 'cpu',
      expected: 'true or false',
      // The query is wrong, which only an endpoint that takes profiles says.
      holds: async (observed) =>
        (await status(observed, '/-/profile?seconds=0', bearer(SECRET))) === 400,
    },
    THRIFT_METRICS_DASHBOARD_URL: {
      text: 'https://grafana.test/d/thrift',
      wrongText: 'grafana.test',
      wrongInFile: 'ftp://grafana.test',
      expected: 'http or https URL',
      holds: async (observed) =>
        (await detail(observed)).dashboard ===
        'https://grafana.test/d/thrift?var-service=Store&var-method=find',
    },
    THRIFT_METRICS_TOKEN: {
      text: SECRET,
      wrongText: `${SECRET} ${SECRET}`,
      expected: 'printable ASCII',
      holds: (observed) => requires(observed, bearer(SECRET)),
    },
    THRIFT_METRICS_TOKEN_FILE: {
      text: inFolder('token.txt'),
      inFile: 'token.txt',
      wrongText: inFolder('missing.txt'),
      wrongInFile: '.',
      expected: 'the file',
      holds: (observed) => requires(observed, bearer(SECRET)),
    },
    THRIFT_METRICS_BASIC_AUTH: {
      text: `scraper:${SECRET}:x`,
      wrongText: SECRET,
      expected: 'user:password',
      holds: (observed) => requires(observed, basic(`scraper:${SECRET}:x`)),
    },
    THRIFT_METRICS_BASIC_AUTH_FILE: {
      text: inFolder('basic.txt'),
      inFile: './basic.txt',
      wrongText: inFolder('token.txt'),
      expected: 'user:password',
      holds: (observed) => requires(observed, basic(`scraper:${SECRET}`)),
    },
    THRIFT_METRICS_TLS_CERT_FILE: {
      text: inFolder('cert'),
      inFile: 'cert',
      with: { THRIFT_METRICS_TLS_KEY_FILE: inFolder('key') },
      wrongText: inFolder('token.txt'),
      expected: 'Node.js cannot use the file',
      holds: ({ url }) => url?.startsWith('https:') === true,
    },
    THRIFT_METRICS_TLS_KEY_FILE: {
      text: inFolder('key'),
      inFile: 'key',
      with: { THRIFT_METRICS_TLS_CERT_FILE: inFolder('cert') },
      wrongText: inFolder('basic.txt'),
      expected: 'Node.js cannot use the file',
      holds: ({ url }) => url?.startsWith('https:') === true,
    },
    THRIFT_METRICS_TLS_CA_FILE: {
      text: inFolder('cert'),
      inFile: 'cert',
      with: {
        THRIFT_METRICS_TLS_CERT_FILE: inFolder('cert'),
        THRIFT_METRICS_TLS_KEY_FILE: inFolder('key'),
      },
      wrongText: folder,
      wrongInFile: '.',
      expected: 'is a directory',
      // A reader without a certificate cannot finish its request.
      holds: async ({ get, url }) =>
        url?.startsWith('https:') === true && (await get('/metrics').catch(() => null)) === null,
    },
    THRIFT_METRICS_SERVER: {
      text: 'false',
      inFile: false,
      wrongText: 'never',
      expected: 'true or false',
      holds: ({ url }) => url === null,
      hasAddress: false,
    },
    THRIFT_METRICS_CLIENTS: {
      text: 'False',
      inFile: false,
      wrongText: 'none',
      expected: 'true or false',
      holds: async ({ read }) =>
        !(await read()).some(({ name }) => name.startsWith('thrift_client_')),
    },
    THRIFT_METRICS_CONNECTIONS: {
      text: 'off',
      inFile: 'off',
      wrongText: 'none',
      wrongInFile: [],
      expected: 'true or false',
      holds: async ({ read }) => !(await read()).some(({ name }) => name.includes('_connections')),
    },
    THRIFT_METRICS_TRACING: {
      text: 'true',
      inFile: true,
      wrongText: 'verbose',
      wrongInFile: 1,
      expected: 'true or false',
      // Only a server that reads trace contexts counts those that it rejects.
      holds: async ({ read }) =>
        (await read()).some(({ name }) => name === 'thrift_server_rejected_contexts_total'),
    },
    THRIFT_METRICS_STRICT: {
      text: 'true',
      inFile: true,
      with: { THRIFT_METRICS_PATH: 'wrong' },
      wrongText: 'very',
      expected: 'true or false',
      holds: ({ code }) => code === 1,
      hasAddress: false,
    },
    THRIFT_METRICS_CONFIG: {
      text: writeConfig(folder, 'named.yml', 'prefix: named_\n'),
      wrongText: inFolder('missing.yml'),
      expected: 'does not exist',
      holds: async ({ read }) => sumOf(await read(), 'named_thrift_server_requests_total', {}) > 0,
    },
  };
}

export function writeConfig(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Creates a folder that is removed when `removed` is called. */
export function temporaryFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'thrift-metrics-settings-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
