import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';

import { isQuick, median } from '../measure.mjs';
import { CONTENDERS, isPython, PYTHONS } from './contenders.mjs';
import { freePort } from './free-port.mjs';
import { compiledFile, FOLDER } from './install.mjs';
import { startProgram } from './start-program.mjs';

const SERIES = 10_000;
const ROUNDS = isQuick ? 1 : 7;

/**
 * Measures a scrape of 10,000 histogram series of each contender, by its name, in milliseconds: median time and CPU, longest
 * block.
 */
export async function measureScrapes() {
  const found = {};
  for (const contender of [...CONTENDERS, ...PYTHONS]) {
    console.error(`  ${contender.name}`);
    found[contender.name] = await measure(contender);
  }
  return found;
}

async function measure(contender) {
  const [program, series] = isPython(contender)
    ? ['series.py', join(FOLDER, 'series', contender.code)]
    : ['series.mjs', compiledFile('series', contender)];
  const port = await freePort();
  const args = [series, String(port), String(SERIES)];
  const server = await startProgram(join(FOLDER, 'programs', program), args);
  const times = [];
  const cpu = [];
  const blocks = [];
  let lines = 0;
  for (let round = -1; round < ROUNDS; round++) {
    await server.ask();
    const start = performance.now();
    const text = await scrape(port);
    const time = performance.now() - start;
    const used = await server.ask();
    lines = text.split('\n').length;
    // The first round warms up the compiler.
    if (round < 0) continue;
    times.push(time);
    cpu.push(used.cpu);
    blocks.push(used.block);
  }
  await server.stop();
  if (lines < SERIES * 16) throw new Error(`${contender.name} has only ${lines} lines`);
  return { time: median(times), cpu: median(cpu), block: Math.max(...blocks) };
}

async function scrape(port) {
  const sent = request({ port, host: 'localhost', path: '/metrics', agent: false }).end();
  const [response] = await once(sent, 'response');
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}
