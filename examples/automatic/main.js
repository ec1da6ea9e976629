'use strict';

// Does what you would do in two terminals: starts the program with metrics, and scrapes it once it has made its calls.
const { spawn } = require('node:child_process');
const events = require('node:events');
const { createInterface } = require('node:readline');

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

async function main() {
  const args = ['--require', 'thrift-metrics/auto', 'app.js'];
  console.log(`node ${args.join(' ')}\n`);
  const program = spawn(process.execPath, args, {
    cwd: __dirname,
    env: {
      ...process.env,
      THRIFT_METRICS_PORT: '0',
      THRIFT_METRICS_LABELS: 'env=dev,region=local',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = events.once(program, 'close');
  // Port 0 picks a free port. The package writes the address to stderr.
  const address = line(program.stderr, /^thrift-metrics: (\S+)$/);
  await line(program.stdout, /^The program runs/);
  const [, url] = await address;

  await show(`${url}/metrics`);
  program.kill('SIGTERM');
  const [code] = await ended;
  console.log(`\nThe program has ended with ${code}.`);
  process.exitCode = code;
}

/** Prints all lines of a stream, and resolves with the first match of the pattern. */
function line(stream, pattern) {
  return new Promise((resolve, reject) => {
    createInterface(stream)
      .on('line', (text) => {
        console.log(text);
        const match = pattern.exec(text);
        if (match !== null) resolve(match);
      })
      .on('close', () => reject(new Error(`the program ended before it printed ${pattern}`)));
  });
}

/** Prints the counters that are not 0. */
async function show(url) {
  const scraped = await (await fetch(url)).text();
  const samples = scraped
    .split('\n')
    .filter((text) => /^thrift_(server|client)_\w+_total\{/.test(text));
  console.log(`\n${samples.filter((text) => !text.endsWith(' 0')).join('\n')}`);
}
