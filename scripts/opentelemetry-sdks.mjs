// The OpenTelemetry SDKs that a test of the matrix and a benchmark use. SDK 2 and 3 need different versions of
// `@opentelemetry/api`, so each is installed in a folder of its own.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { npm, root } from './run.mjs';

const SDKS = {
  2: { '@opentelemetry/api': '1.9.1', '@opentelemetry/sdk-metrics': '2.12.1' },
  3: { '@opentelemetry/api': '1.10.0', '@opentelemetry/sdk-metrics': '3.1.1' },
};

/** The major versions, as strings. */
export const SDK_VERSIONS = Object.keys(SDKS);

function folderOf(major) {
  return join(root, 'build/opentelemetry', `sdk-${major}`);
}

/** Installs the SDK of a major version, unless it is there, and returns its folder. */
export async function installSdk(major) {
  const folder = folderOf(major);
  const dependencies = SDKS[major];
  if (existsSync(join(folder, 'node_modules/.package-lock.json'))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await npm(['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error']);
  return folder;
}

/** Loads `@opentelemetry/sdk-metrics` of a major version that is installed. */
export function loadSdk(major) {
  return createRequire(join(folderOf(major), 'package.json'))('@opentelemetry/sdk-metrics');
}
