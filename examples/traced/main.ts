import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Collector } from './collector.js';
import { printExemplars, scrapeExemplars } from './exemplars.js';
import type { Addresses } from './member.js';
import { printTrace, tracesOf } from './print-trace.js';

/** Debian installs Python's packages for the system's Python. */
const { PYTHON = '/usr/bin/python3' } = process.env;
const IDL = join(__dirname, '../calculator/calculator.thrift');
const KEYS = [7, 21, 4000];

interface Member {
  readonly program: ChildProcess;
  readonly addresses: Addresses;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

async function main(): Promise<void> {
  if (spawnSync(PYTHON, ['-c', 'import thriftpy']).status !== 0) {
    console.error(
      `This example needs Python with ThriftPy, and ${PYTHON} does not have it. ` +
        'Install it (Debian): sudo apt-get install python3-thriftpy. ' +
        'Or name a Python that has it: PYTHON=python3 npm run example:traced',
    );
    process.exitCode = 1;
    return;
  }
  const collector = new Collector(process.env['OTEL_EXPORTER_OTLP_ENDPOINT']);
  const endpoint = await collector.listen();
  const adder = spawn(PYTHON, [join(__dirname, 'adder.py'), IDL], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => adder.kill());
  const printed = createInterface(adder.stdout);
  const [adderPort] = (await once(printed, 'line')) as [string];
  const calculator = await start('calculator', Number(adderPort), endpoint);
  const entries = await start('entries', calculator.addresses.port, endpoint);
  const web = await start('web', entries.addresses.port, endpoint);

  for (const key of KEYS) {
    const response = await fetch(`http://127.0.0.1:${web.addresses.port}/entries/${key}`, {
      signal: AbortSignal.timeout(60_000),
    });
    console.log(`GET /entries/${key} -> ${response.status} ${(await response.text()).trim()}`);
  }
  const exemplars = [
    ...(await scrapeExemplars('entries', entries.addresses.metrics ?? '')),
    ...(await scrapeExemplars('calculator', calculator.addresses.metrics ?? '')),
  ];
  // Each process exports its last spans before it exits.
  await Promise.all([web, entries, calculator].map(stop));
  const last = once(printed, 'line') as Promise<[string]>;
  adder.kill('SIGTERM');
  const [answered] = await last;

  for (const trace of tracesOf(collector.spans)) {
    console.log();
    printTrace(trace);
  }
  console.log('\nThe exemplars of both Thrift services:\n');
  printExemplars(exemplars, collector.spans);
  console.log(`\nPython, which does not know of traces, has answered ${answered}.`);
  collector.close();
}

/** Starts a program of this folder, which calls the service on the port. */
async function start(name: string, next: number, endpoint: string): Promise<Member> {
  const program = fork(join(__dirname, `${name}.ts`), [String(next)], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
  });
  const failed = once(program, 'exit').then(([code]) => {
    throw new Error(`${name} ended with ${String(code)}`);
  });
  failed.catch(() => {});
  const [addresses] = (await Promise.race([once(program, 'message'), failed])) as [Addresses];
  return { program, addresses };
}

async function stop({ program }: Member): Promise<void> {
  const exited = once(program, 'exit');
  program.disconnect();
  await exited;
}
