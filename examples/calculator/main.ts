import { LoadClient } from './client.js';
import { type Options, readOptions, usage, UsageError } from './options.js';
import { Progress } from './progress.js';
import { startServer } from './server.js';
import { summary } from './summary.js';

const LONGEST_WAIT_MS = 3000;

main(process.argv.slice(2)).catch((error: Error) => {
  const wrongUse = error instanceof UsageError;
  console.error(`calculator: ${error.message}${wrongUse ? ' (--help lists the options)' : ''}`);
  process.exitCode = wrongUse ? 2 : 1;
});

async function main(args: string[]): Promise<void> {
  const options = readOptions(args);
  if (options === 'help') console.log(usage);
  else await run(options);
}

async function run(options: Options): Promise<void> {
  const over = ended(options.duration);
  const server = await startServer(options);
  console.log(`thrift   localhost:${server.thriftPort}`);
  console.log(`metrics  ${server.metricsUrl}`);
  console.log(`page     ${server.pageUrl}`);

  const client = new LoadClient(server.thriftPort);
  const progress = new Progress(progressLine(client));
  try {
    client.start();
    await Promise.race([over, client.broken]);
    await Promise.race([client.stop(), client.broken, deadline()]);
  } finally {
    progress.end();
    await server.close();
  }
  console.log(`\n${await summary(client.tally)}`);
}

/** Resolves on Ctrl-C, on a termination signal, or when the time is up. Later signals have no effect. */
function ended(duration: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => resolve();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
    // The reader has closed the pipe, as in `npm start | head`.
    process.stdout.on('error', end);
    if (duration !== undefined) setTimeout(end, duration).unref();
  });
}

function deadline(): Promise<never> {
  return new Promise((_, reject) => {
    const expire = () => reject(new Error('the server left calls unanswered'));
    setTimeout(expire, LONGEST_WAIT_MS).unref();
  });
}

function progressLine({ tally: { total } }: LoadClient): () => string {
  const start = performance.now();
  return () =>
    [
      `${Math.round((performance.now() - start) / 1000)} s`,
      `${total.calls} calls`,
      `${total.ok} ok`,
      `${total.declared} declared exceptions`,
      `${total.undeclared} undeclared errors`,
      '(Ctrl-C ends)',
    ].join('  ');
}
