// The OpenTelemetry SDKs that a test of the matrix and a benchmark use. SDK 2 and 3 need different versions of
// `@opentelemetry/api`, so each is installed in a folder of its own.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { npm, root } from './run.mjs';

const SDKS = {
  2: {
    '@opentelemetry/api': '1.9.1',
    '@opentelemetry/context-async-hooks': '2.12.1',
    '@opentelemetry/core': '2.12.1',
    '@opentelemetry/exporter-prometheus': '0.223.0',
    '@opentelemetry/sdk-metrics': '2.12.1',
    '@opentelemetry/sdk-trace': '2.12.1',
  },
  3: {
    '@opentelemetry/api': '1.10.0',
    '@opentelemetry/context-async-hooks': '3.1.1',
    '@opentelemetry/core': '3.1.1',
    '@opentelemetry/exporter-prometheus': '0.301.0',
    '@opentelemetry/sdk-metrics': '3.1.1',
    '@opentelemetry/sdk-trace': '3.1.1',
  },
};

/** The major versions, as strings. */
export const SDK_VERSIONS = Object.keys(SDKS);

/** The folder of the SDK of a major version. */
export function sdkFolder(major) {
  return join(root, 'build/opentelemetry', `sdk-${major}`);
}

/** Installs the SDK of a major version, unless it is there, and returns its folder. */
export async function installSdk(major) {
  const folder = sdkFolder(major);
  const manifest = join(folder, 'package.json');
  const wanted = JSON.stringify({ private: true, dependencies: SDKS[major] });
  const isThere = existsSync(join(folder, 'node_modules/.package-lock.json'));
  if (isThere && readFileSync(manifest, 'utf8') === wanted) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, wanted);
  await npm(['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error']);
  return folder;
}

/** Loads `@opentelemetry/sdk-metrics`, or another package, of a major version that is installed. */
export function loadSdk(major, name = '@opentelemetry/sdk-metrics') {
  return createRequire(join(sdkFolder(major), 'package.json'))(name);
}
