import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  configureMetrics,
  metricsHandler,
  resetMetrics,
  startMetricsServer,
  type MetricsServer,
  type MetricsServerOptions,
} from '../../src/index';
import { errorOf } from '../support/error-of';
import { send, type Answer } from '../support/send';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';
import { valueOf } from '../support/value-of';

type Auth = NonNullable<MetricsServerOptions['auth']>;

const onError = vi.fn<(error: unknown, site: string) => void>();
let registry: Registry;
let server: MetricsServer;

beforeEach(() => {
  registry = new Registry();
  onError.mockClear();
  resetMetrics();
  configureMetrics({ registry, onError, processMetrics: false });
});
afterEach(() => server.close());

async function start(auth: Auth): Promise<void> {
  server = await startMetricsServer({ port: 0, host: '127.0.0.1', auth });
}

function get(path: string, authorization?: string): Promise<Answer> {
  return send(server.url + path, {
    headers: authorization === undefined ? {} : { authorization },
  });
}

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

const MALFORMED = [
  '',
  ' ',
  'Basic',
  'Basic ',
  'Bearer',
  'Basic ???',
  'Basic =',
  `Basic ${Buffer.from('no colon').toString('base64')}`,
  'Digest username="scraper", realm="metrics"',
  'Negotiate YII=',
  'undefined',
  ',,,',
  `Bearer ${'x'.repeat(8000)}`,
  'Bearer sécret',
];

describe('basic authentication', () => {
  beforeEach(() => start({ username: 'scraper', password: 'pä:ss wörd' }));

  it('basic authentication admits the user with the password, however the scheme is written', async () => {
    expect((await get('/metrics', basic('scraper:pä:ss wörd'))).status).toBe(200);
    const [, credentials] = basic('scraper:pä:ss wörd').split(' ');
    expect((await get('/metrics', `bASIC   ${credentials}`)).status).toBe(200);
  });

  it('basic authentication challenges a request without credentials', async () => {
    const { status, headers, text } = await get('/metrics');
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Basic realm="metrics", charset="UTF-8"');
    expect(text).toBe('authentication is needed\n');
  });

  it.each([
    ['a wrong password', basic('scraper:wrong')],
    ['a wrong user', basic('other:pä:ss wörd')],
    ['no password', basic('scraper:')],
    ['the password as a token', 'Bearer pä:ss wörd'],
    ['a prefix of the password', basic('scraper:pä:ss')],
    ['the password with an extra character', basic('scraper:pä:ss wörd!')],
  ])('basic authentication rejects %s', async (_name, authorization) => {
    expect((await get('/metrics', Buffer.from(authorization).toString('latin1'))).status).toBe(401);
  });

  it.each(MALFORMED)(
    'basic authentication rejects the malformed header %j and keeps answering',
    async (header) => {
      expect((await get('/metrics', header)).status).toBe(401);
      expect((await get('/metrics', basic('scraper:pä:ss wörd'))).status).toBe(200);
    },
  );

  it('authentication guards the page and unknown paths, but not /healthz', async () => {
    expect((await get('/')).status).toBe(401);
    expect((await get('/elsewhere')).status).toBe(401);
    expect((await get('/', basic('scraper:pä:ss wörd'))).status).toBe(200);
    const healthz = await get('/healthz');
    expect([healthz.status, healthz.text]).toEqual([200, 'ok\n']);
  });

  it('an unauthenticated request does not learn which methods are allowed', async () => {
    const { status, headers } = await send(`${server.url}/metrics`, { method: 'DELETE' });
    expect([status, headers.allow]).toEqual([401, undefined]);
  });
});

describe('bearer authentication', () => {
  beforeEach(() => start({ token: 'secret' }));

  it('bearer authentication admits the token, however the scheme is written', async () => {
    expect((await get('/metrics', 'Bearer secret')).status).toBe(200);
    expect((await get('/metrics', 'bearer secret')).status).toBe(200);
  });

  it.each(['Bearer Secret', 'Bearer secre', 'Bearer secret2', 'Basic secret', 'secret'])(
    'bearer authentication rejects %j',
    async (header) => {
      const { status, headers } = await get('/metrics', header);
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="metrics"']);
    },
  );

  it.each(MALFORMED)('bearer authentication rejects the malformed header %j', async (header) => {
    expect((await get('/metrics', header)).status).toBe(401);
  });
});

describe('authentication by a function', () => {
  it.each<[string, Auth]>([
    ['returns', (request) => request.headers['x-key'] === 'yes'],
    ['resolves to', async (request) => request.headers['x-key'] === 'yes'],
  ])('an auth function that %s true admits the request', async (_name, auth) => {
    await start(auth);
    const key = (value: string) => send(`${server.url}/metrics`, { headers: { 'x-key': value } });
    expect((await key('yes')).status).toBe(200);
    expect((await key('no')).status).toBe(401);
  });

  const fault = new Error('no such user store');
  it.each<[string, Auth]>([
    [
      'throws',
      () => {
        throw fault;
      },
    ],
    ['rejects', () => Promise.reject(fault)],
  ])(
    'an auth function that %s is answered with 500, and its error is reported',
    async (_name, auth) => {
      await start(auth);
      const rejections = await unhandledRejectionsOf(async () => {
        const { status, text } = await get('/metrics');
        expect(status).toBe(500);
        expect(text).not.toContain('user store');
        expect((await get('/metrics')).status).toBe(500);
      });
      expect(rejections).toEqual([]);
      expect((await get('/healthz')).status).toBe(200);
      expect(onError.mock.calls).toEqual([[fault, 'endpoint']]);
      const errors = await valueOf(registry, 'thrift_metrics_internal_errors_total', {
        site: 'endpoint',
      });
      expect(errors).toBe(2);
    },
  );
});

describe('a wrong auth option', () => {
  beforeEach(() => start(() => true));

  it.each<[string, unknown, string, RegExp]>([
    [
      'a string',
      'secret',
      'TM_ERR_OPTION_INVALID',
      /option 'auth' is of type string\. Expected an object with username and password, an/,
    ],
    [
      'null',
      null,
      'TM_ERR_OPTION_INVALID',
      /option 'auth' is null\. Expected an object .*, or a function\.$/,
    ],
    [
      'an empty object',
      {},
      'TM_ERR_OPTION_INVALID',
      /'username' is undefined\. Expected a non-empty string/,
    ],
    ['no password', { username: 'a' }, 'TM_ERR_OPTION_INVALID', /'password' is undefined/],
    ['no user name', { password: 'a' }, 'TM_ERR_OPTION_INVALID', /'username' is undefined/],
    [
      'an undefined password',
      { username: 'a', password: undefined },
      'TM_ERR_OPTION_INVALID',
      /auth: option 'password' is undefined\. Expected a non-empty string\.$/,
    ],
    [
      'an empty password',
      { username: 'a', password: '' },
      'TM_ERR_OPTION_INVALID',
      /auth: option 'password' is ''\. Expected a non-empty string\.$/,
    ],
    [
      'a number as password',
      { username: 'a', password: 1 },
      'TM_ERR_OPTION_INVALID',
      /'password' is of type number/,
    ],
    [
      'a colon in the user name',
      { username: 'a:b', password: 'c' },
      'TM_ERR_OPTION_INVALID',
      /without a colon/,
    ],
    [
      'an empty token',
      { token: '' },
      'TM_ERR_OPTION_INVALID',
      /'token' is ''\. Expected a non-empty string/,
    ],
    [
      'a token that ends in a newline',
      { token: 's3cret\n' },
      'TM_ERR_OPTION_INVALID',
      /'token' is of type string\. Expected printable ASCII .* ends in a newline, trim it\.$/,
    ],
    ['a token with a space', { token: 'a b' }, 'TM_ERR_OPTION_INVALID', /without spaces/],
    ['a token with a tab', { token: 'a\tb' }, 'TM_ERR_OPTION_INVALID', /without spaces/],
    ['a token with an umlaut', { token: 'ümlaut' }, 'TM_ERR_OPTION_INVALID', /printable ASCII/],
    [
      'a password that ends in a newline',
      { username: 'a', password: 'b\n' },
      'TM_ERR_OPTION_INVALID',
      /'password' is of type string\. Expected a string without control characters/,
    ],
    [
      'a user name that ends in a newline',
      { username: 'a\r\n', password: 'b' },
      'TM_ERR_OPTION_INVALID',
      /without a colon or control characters/,
    ],
    ['an undefined token', { token: undefined }, 'TM_ERR_OPTION_INVALID', /'token' is undefined/],
    [
      'an undefined token next to a password',
      { token: undefined, username: 'a', password: 'b' },
      'TM_ERR_OPTION_UNKNOWN',
      /'username'/,
    ],
    ['token and user name', { token: 'a', username: 'b' }, 'TM_ERR_OPTION_UNKNOWN', /'username'/],
    ['a misspelt key', { user: 'a', password: 'b' }, 'TM_ERR_OPTION_UNKNOWN', /'user'/],
  ])('a wrong auth option is rejected: %s', async (_name, auth, code, part) => {
    const error = errorOf(() => metricsHandler({ auth: auth as Auth }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^metricsHandler: /);
    expect(error.message).toMatch(part);
    const options = { port: 0, auth: auth as Auth };
    await expect(startMetricsServer(options)).rejects.toMatchObject({ code });
  });

  it.each([
    ['as auth', 's3cret'],
    ['as a token', { token: ['s3cret'] }],
    ['as a user name', { username: 'me:s3cret', password: 'x' }],
    ['as a password', { username: 'me', password: ['s3cret'] }],
  ])('a wrong auth option is rejected without showing a secret: %s', (_where, auth) => {
    const { message } = errorOf(() => metricsHandler({ auth: auth as never }));
    expect(message).not.toContain('s3cret');
  });
});
