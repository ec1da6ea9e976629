// Writes the JSON schema of the configuration file from the table of settings. With --check, only compares it.
//   node --import tsx scripts/generate-settings.mjs [--check]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { createFileSchema } from '../src/configuration/file-schema.ts';
import { root } from './run.mjs';

const FILE = 'schema/config.json';
const path = join(root, FILE);
const text = `${JSON.stringify(createFileSchema(), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
} else if (readFileSync(path, 'utf8') !== text) {
  console.error(`${FILE} does not match the table of settings. Run npm run generate:settings.`);
  process.exitCode = 1;
}
