// Regenerates every committed output of the Thrift compilers. Only this needs compilers.
//   node scripts/generate-thrift.mjs [--fetch] [--check]
// --fetch downloads the compilers that are missing; --check only compares.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { compilerOf, fetchCompilers } from './compilers.mjs';
import { root } from './run.mjs';

const ES6_TYPED = 'js:node,es6,ts';
const ES6 = 'js:node,es6';
const ES5 = 'js:node';
const ES5_WITH_Q = 'js:node,native_promise=false';

const CALCULATOR = ['examples/calculator/calculator.thrift'];
const LIBRARY = ['test/thrift/idl/library.thrift'];
/** Compilers before 0.24 do not know `uuid`. */
const ALL = [...LIBRARY, 'test/thrift/idl/forest.thrift'];
const OLDER = 'test/thrift/outputs';

const outputs = [
  ['0.24', ES6_TYPED, CALCULATOR, 'examples/calculator/gen-nodejs'],
  ['0.24', ES5, CALCULATOR, 'examples/callback-style/gen-nodejs-es5'],
  ['0.24', ES6_TYPED, ['test/real/walks/calculator.thrift'], 'test/real/walks/gen-nodejs'],
  ['0.24', ES6_TYPED, ALL, 'test/thrift/gen-nodejs'],
  ['0.24', ES5, ALL, 'test/thrift/gen-nodejs-es5'],
  ['0.24', ES5_WITH_Q, LIBRARY, `${OLDER}/0.24-q/gen-nodejs-es5`],
  ...['0.19', '0.17'].flatMap((release) => [
    [release, ES6, LIBRARY, `${OLDER}/${release}/gen-nodejs`],
    [release, ES5, LIBRARY, `${OLDER}/${release}/gen-nodejs-es5`],
  ]),
];

const check = process.argv.includes('--check');
try {
  if (process.argv.includes('--fetch')) fetchCompilers();
  // Before anything is written, so that a missing compiler changes nothing.
  const jobs = outputs.map(([release, ...output]) => [compilerOf(release), ...output]);
  for (const [compiler, generator, idls, folder] of jobs) {
    if (check) compare(compiler, generator, idls, folder);
    else generate(compiler, generator, idls, join(root, folder));
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function generate([program, ...args], generator, idls, folder) {
  // Otherwise the files of a renamed service would stay.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const idl of idls) {
    const how = ['-r', '-out', folder, '--gen', generator, join(root, idl)];
    execFileSync(program, [...args, ...how], { stdio: 'inherit' });
  }
}

function compare(compiler, generator, idls, folder) {
  const committed = join(root, folder);
  if (!existsSync(committed)) {
    console.error(`${folder} is missing. Run npm run generate.`);
    process.exitCode = 1;
    return;
  }
  const fresh = mkdtempSync(join(tmpdir(), 'thrift-'));
  generate(compiler, generator, idls, fresh);
  const names = new Set([...readdirSync(fresh), ...readdirSync(committed)]);
  const differing = [...names].filter((name) => read(fresh, name) !== read(committed, name));
  rmSync(fresh, { recursive: true });
  if (differing.length === 0) return;
  console.error(
    `${folder} does not match ${idls.join(' and ')}: ${differing.join(', ')}. Run npm run generate.`,
  );
  process.exitCode = 1;
}

function read(folder, name) {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
}
