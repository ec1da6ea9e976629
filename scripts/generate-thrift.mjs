// Regenerates every committed output of the Thrift compiler. With --check, only compares it.
//   node scripts/generate-thrift.mjs [--check]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from './run.mjs';

const VERSION = 'Thrift version 0.17.0';
const ES6 = 'js:node,es6,ts';
const ES5 = 'js:node';

const outputs = [
  ['examples/calculator/calculator.thrift', ES6, 'examples/calculator/gen-nodejs'],
  ['examples/calculator/calculator.thrift', ES5, 'examples/callback-style/gen-nodejs-es5'],
  ['test/thrift/idl/library.thrift', ES6, 'test/thrift/gen-nodejs'],
  ['test/thrift/idl/library.thrift', ES5, 'test/thrift/gen-nodejs-es5'],
];

const check = process.argv.includes('--check');
if (compilerVersion() !== VERSION) {
  console.error(`Needs ${VERSION} (Debian: thrift-compiler), found: ${compilerVersion()}`);
  process.exit(1);
}
for (const [idl, generator, folder] of outputs) {
  if (check) compare(idl, generator, folder);
  else generate(idl, generator, join(root, folder));
}

function compilerVersion() {
  try {
    return execFileSync('thrift', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return 'none';
  }
}

function generate(idl, generator, folder) {
  // Otherwise the files of a renamed service would stay.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync('thrift', ['-r', '-out', folder, '--gen', generator, join(root, idl)], {
    stdio: 'inherit',
  });
}

function compare(idl, generator, folder) {
  const committed = join(root, folder);
  if (!existsSync(committed)) {
    console.error(`${folder} is missing. Run npm run generate.`);
    process.exitCode = 1;
    return;
  }
  const fresh = mkdtempSync(join(tmpdir(), 'thrift-'));
  generate(idl, generator, fresh);
  const names = new Set([...readdirSync(fresh), ...readdirSync(committed)]);
  const differing = [...names].filter((name) => read(fresh, name) !== read(committed, name));
  rmSync(fresh, { recursive: true });
  if (differing.length === 0) return;
  console.error(`${folder} does not match ${idl}: ${differing.join(', ')}. Run npm run generate.`);
  process.exitCode = 1;
}

function read(folder, name) {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
}
