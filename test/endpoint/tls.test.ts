import { once } from 'node:events';
import net from 'node:net';

import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import {
  configureMetrics,
  startMetricsServer,
  type MetricsServer,
  type MetricsServerOptions,
} from '../../src/index';
import { certify, type Certificate } from '../support/certify';
import { send } from '../support/send';

let authority: Certificate;
let own: Certificate;
let client: Certificate;
let stranger: Certificate;
beforeAll(async () => {
  const registry = new Registry();
  configureMetrics({ registry, processMetrics: false });
  new Gauge({ name: 'encrypted', help: 'A gauge.', registers: [registry] }).set(1);
  [authority, stranger] = await Promise.all([certify('authority'), certify('stranger')]);
  [own, client] = await Promise.all([
    certify('localhost', authority),
    certify('scraper', authority),
  ]);
});

let server: MetricsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(tls: MetricsServerOptions['tls']): Promise<MetricsServer> {
  server = await startMetricsServer({ port: 0, host: '127.0.0.1', tls });
  return server;
}

describe('a server with tls', () => {
  it('a server with tls serves HTTPS with a self-signed certificate', async () => {
    const { url } = await start(stranger);
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const { status, text } = await send(`${url}/metrics`, { ca: stranger.cert });
    expect(status).toBe(200);
    expect(text).toContain('encrypted 1\n');
    await expect(send(`${url}/metrics`)).rejects.toThrow(/self-signed/);
  });

  it('a server with tls gives no metrics over plain HTTP and keeps answering', async () => {
    const { url, port } = await start(own);
    await expect(send(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
    expect((await send(`${url}/metrics`, { ca: authority.cert })).status).toBe(200);
  });

  it('a server with tls closes even if a client never starts its handshake', async () => {
    const { port, close } = await start(own);
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    await close();
    await ended;
  });
});

describe('a server whose tls has a ca', () => {
  it('a server with a ca answers a client whose certificate that authority signed', async () => {
    const { url } = await start({ ...own, ca: authority.cert });
    const { status } = await send(`${url}/metrics`, { ca: authority.cert, ...client });
    expect(status).toBe(200);
  });

  it('a server with a ca rejects clients without a certificate or with one from another authority', async () => {
    const { url } = await start({ ...own, ca: authority.cert });
    const refused = /certificate required|unknown ca|ECONNRESET|socket hang up/i;
    await expect(send(`${url}/metrics`, { ca: authority.cert })).rejects.toThrow(refused);
    await expect(send(`${url}/healthz`, { ca: authority.cert })).rejects.toThrow(refused);
    await expect(send(`${url}/metrics`, { ca: authority.cert, ...stranger })).rejects.toThrow(
      refused,
    );
    const { status } = await send(`${url}/metrics`, { ca: authority.cert, ...client });
    expect(status).toBe(200);
  });

  it('a server with a ca and requestCert: false answers every client', async () => {
    const { url } = await start({ ...own, ca: authority.cert, requestCert: false });
    expect((await send(`${url}/metrics`, { ca: authority.cert })).status).toBe(200);
  });
});

describe('a wrong tls option', () => {
  it.each<[string, () => unknown]>([
    ['a certificate that cannot be parsed', () => ({ key: own.key, cert: 'no certificate' })],
    ['a key that cannot be parsed', () => ({ key: 'no key', cert: own.cert })],
    ['the key of another certificate', () => ({ key: client.key, cert: own.cert })],
    ['a certificate without its key', () => ({ cert: own.cert })],
    ['a key without its certificate', () => ({ key: own.key })],
    ['an empty object', () => ({})],
    ['a TLS version that does not exist', () => ({ ...own, minVersion: 'TLSv9' })],
  ])('a wrong tls option is rejected: %s', async (_name, tls) => {
    await expect(start(tls() as MetricsServerOptions['tls'])).rejects.toMatchObject({
      code: 'TM_ERR_TLS',
      message: expect.stringMatching(/^startMetricsServer: /) as string,
    });
  });

  // An unset or empty environment variable gives such a value. Node treats it as a missing key, and would serve every
  // client, or every client whose certificate a public authority signed.
  it.each(
    ['ca', 'cert', 'key', 'pfx', 'crl', 'requestCert', 'rejectUnauthorized', 'minVersion'].flatMap(
      (name) => [undefined, null, ''].map((value) => [name, value] as const),
    ),
  )('a tls option is rejected when its key %s is present and %j', async (name, value) => {
    const tls = { ...own, ca: authority.cert, [name]: value };
    const found = value === '' ? "''" : String(value);
    await expect(start(tls as MetricsServerOptions['tls'])).rejects.toMatchObject({
      code: 'TM_ERR_OPTION_INVALID',
      message: `startMetricsServer: tls: option '${name}' is ${found}. Expected a value. Remove the key to use the default of Node.js.`,
    });
  });

  it('an undefined passphrase is accepted for a key that has none', async () => {
    const { url } = await start({ ...own, passphrase: undefined });
    expect((await send(`${url}/metrics`, { ca: authority.cert })).status).toBe(200);
  });

  it.each([true, 'certificate', null, 1])('a wrong tls option is rejected: %j', async (tls) => {
    await expect(start(tls as never)).rejects.toMatchObject({ code: 'TM_ERR_OPTION_INVALID' });
  });
});
