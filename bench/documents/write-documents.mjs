// Writes the results of the last runs of `npm run bench` and `npm run bench:compare` into the documentation: the tables in
// their regions, the figures of the README, and the chart.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { root } from '../../scripts/run.mjs';
import { drawChart } from '../compare/draw-chart.mjs';
import { figuresOf, writeTables } from '../compare/write-tables.mjs';
import { writeGroupTables } from '../groups.mjs';
import { readResults } from '../results.mjs';
import { writeFigures } from './readme-figures.mjs';
import { fillRegions, regionsOf } from './regions.mjs';

const PAGES = ['docs/explanation/performance.md', 'docs/how-to/tracing.md'];
const README = 'README.md';
const CHART = 'docs/images/compare.svg';

/** Writes what was measured. Tables without results keep what they have, and are listed. Prints what is wrong. */
export async function writeDocuments() {
  try {
    await write();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

async function write() {
  const bench = measured('bench');
  const compare = measured('compare');
  const tables = new Map([...writeGroupTables(bench), ...writeTables(compare)]);
  const regions = new Set();
  for (const page of PAGES) {
    const text = read(page);
    for (const name of regionsOf(text)) regions.add(name);
    writePage(page, fillRegions(text, tables));
  }
  const homeless = [...tables.keys()].filter((name) => !regions.has(name));
  if (homeless.length > 0) throw new Error(`No page has a region for ${homeless.join(', ')}.`);
  const figures = figuresOf(compare);
  if (figures !== undefined) {
    writePage(README, writeFigures(read(README), figures));
    writePage(CHART, await drawChart(compare));
  }
  execFileSync(process.execPath, [oxfmt(), ...PAGES], { cwd: root, stdio: 'inherit' });
  const kept = [...regions].filter((name) => !tables.has(name));
  if (kept.length > 0) console.log(`Not measured, so left as they are: ${kept.join(', ')}.`);
  if (figures === undefined) console.log(`Left as they are: the figures of ${README}, ${CHART}.`);
}

/** @throws if a result is from a quick run */
function measured(benchmark) {
  const results = readResults(benchmark);
  const quick = Object.keys(results).filter((name) => results[name].quick);
  if (quick.length === 0) return results;
  throw new Error(
    `The figures of ${quick.join(', ')} are from a quick run, so they mean nothing. ` +
      `Run ${benchmark === 'bench' ? 'npm run bench' : 'npm run bench:compare'} -- --only ${quick.join(',')}`,
  );
}

function oxfmt() {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('oxfmt/package.json');
  return join(manifest, '..', require(manifest).bin.oxfmt);
}

function read(path) {
  return readFileSync(join(root, path), 'utf8');
}

function writePage(path, text) {
  writeFileSync(join(root, path), text);
}
