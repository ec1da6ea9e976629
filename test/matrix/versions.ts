/** The versions that the matrix runs. The lowest of each is the minimum in package.json, except that of `thrift`. */
export const NODES = ['20.19.0', '22.23.5', '24.22.3', '26.12.1'] as const;

/** Releases that lack something that the bundle tests use. The lowest is the minimum in package.json. */
export const OLDER_THRIFTS = ['0.9.3', '0.11.0', '0.15.0'] as const;

/** Releases with which traced and untraced programs exchange calls. */
export const THRIFT_PEERS = [
  '0.16.0',
  '0.17.0',
  '0.18.1',
  '0.19.0',
  '0.20.0',
  '0.21.0',
  '0.22.0',
  '0.24.0',
] as const;

export const THRIFTS = ['0.16.0', '0.22.0', '0.24.0'] as const;

/** Runtimes other than Node.js, and how each loads a module before the program. */
export const RUNTIMES = [
  { name: 'Bun', version: '1.4.5', run: [], preload: '--preload' },
  { name: 'Deno', version: '2.9.6', run: ['run', '--allow-all'], preload: '--require' },
] as const;

export const CLIENT_LIBRARIES = [
  { name: 'prom-client', version: '15.1.0' },
  { name: 'prom-client', version: '15.1.3' },
  { name: '@prometheus-io/client', version: '0.16.0' },
  { name: '@prometheus-io/client', version: '0.16.1' },
] as const;

export type RuntimeName = (typeof RUNTIMES)[number]['name'];
export type ClientLibrary = (typeof CLIENT_LIBRARIES)[number];
export type ThriftVersion = (typeof THRIFTS)[number] | (typeof OLDER_THRIFTS)[number];
export type ThriftPeer = (typeof THRIFT_PEERS)[number];

/** Whether a release of Thrift is one of `OLDER_THRIFTS`. */
export function isOlder(version: ThriftVersion): boolean {
  return OLDER_THRIFTS.some((older) => older === version);
}
