import { type Command, Option } from 'commander';
import { setTimeout } from 'node:timers/promises';

import { CommandError, type CommandLine, EXIT, type ExitCode } from '../command-line';
import { parseHeader, parseSeconds } from '../command-options';
import { writeText } from '../output';
import { parseEndpoint } from '../scrape-endpoint';
import { Instance } from './instance';
import type { MethodRow } from './method-rows';
import { TerminalScreen } from './terminal';
import { COLORED, PLAIN } from './paint';
import { ORDERS } from './top-columns';
import { TopFigures } from './top-figures';
import { downLines, renderFrame, renderOnce } from './top-frame';
import { PROBLEMS, sortRows, type TopOrder } from './top-order';
import { isQuit, TopView } from './top-view';

interface TopOptions {
  readonly interval: number;
  readonly sort: string;
  readonly once?: true;
  readonly json?: true;
  readonly header?: Record<string, string>;
  readonly insecure?: true;
  readonly color: boolean;
  readonly timeout: number;
}

export function addTopCommand(program: Command, line: CommandLine): void {
  program
    .command('top')
    .summary('watch rates, errors and latencies of every method')
    .description(
      'Scrapes endpoints repeatedly and shows every method and every client of a dependency in a table: calls per second, fraction of failed calls, latency percentiles, calls in flight and the oldest of them, error budgets, share of the event loop. Sums all instances. If standard output is not a terminal, prints one table and exits.',
    )
    .argument('<urls...>', 'URLs of the endpoints; may omit http:// and /metrics')
    .option('--interval <seconds>', 'time between two scrapes', parseSeconds, 2)
    .addOption(
      new Option(
        '--sort <order>',
        'column to sort by, or problems for methods that need attention first',
      )
        .choices(ORDERS.map(({ name }) => name))
        .default(PROBLEMS.name),
    )
    .option('--once', 'print one table after two scrapes, and exit')
    .option('--json', 'print one JSON object per line and refresh; with --once, a single object')
    .option('--header <name: value>', 'header to send; repeatable', parseHeader)
    .option('--insecure', 'accept any certificate')
    .option('--no-color', 'show no colors; NO_COLOR in the environment does the same')
    .option(
      '--timeout <seconds>',
      'time limit for each response; with --once, for all of them',
      parseSeconds,
      10,
    )
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics top localhost:8000
  thrift-metrics top --interval 5 --sort p99 host-a:8000 host-b:8000
  thrift-metrics top --once localhost:8000
  thrift-metrics top --json localhost:8000 | jq '.methods[] | select(.badRatio > 0.01)'`,
    )
    .action((urls: string[], options: TopOptions) => top(urls, options, line));
}

async function top(urls: readonly string[], options: TopOptions, line: CommandLine): Promise<void> {
  const { interval, sort, once, json, header, insecure, timeout } = options;
  const scraping = {
    headers: header ?? {},
    insecure: insecure === true,
    timeout,
    // The command waits for the interval on purpose.
    ...(once === true && { signal: AbortSignal.timeout((timeout + interval) * 1000) }),
  };
  const instances = urls.map((url) => new Instance(parseEndpoint(url), scraping));
  const order = ORDERS.find(({ name }) => name === sort) ?? PROBLEMS;
  await refreshAll(instances);
  if (instances.every(({ error }) => error !== null)) {
    throw new CommandError(downLines(instances).join(' '));
  }
  const isLive = once !== true && json !== true && line.stdout.isTTY;
  if (isLive) {
    line.exitCode = await watch(line, new TopView(instances, order), options);
    return undefined;
  }
  const figures = new TopFigures(instances);
  const next = async (): Promise<void> => {
    await setTimeout(interval * 1000);
    await refreshAll(instances);
    figures.refresh(performance.now() / 1000);
  };
  await next();
  if (json !== true) return printTable(line, instances, figures.rows, order);
  for (;;) {
    /* oxlint-disable no-await-in-loop */
    await writeText(line.stdout, `${JSON.stringify(report(instances, figures.rows, order))}\n`);
    if (once === true) return undefined;
    await next();
    /* oxlint-enable no-await-in-loop */
  }
}

async function printTable(
  line: CommandLine,
  instances: readonly Instance[],
  rows: readonly MethodRow[],
  order: TopOrder,
): Promise<void> {
  for (const down of downLines(instances)) line.stderr.write(`thrift-metrics: ${down}\n`);
  await writeText(line.stdout, `${renderOnce(rows, order).join('\n')}\n`);
}

async function refreshAll(instances: readonly Instance[]): Promise<void> {
  await Promise.all(instances.map((instance) => instance.refresh()));
}

function report(
  instances: readonly Instance[],
  rows: readonly MethodRow[],
  order: TopOrder,
): object {
  const known = sortRows(
    rows.filter(({ isLost }) => !isLost),
    order,
    false,
  );
  return {
    time: new Date().toISOString(),
    instances: instances.map(({ url, error }) => ({ url, up: error === null, error })),
    methods: known.filter(({ isClient }) => !isClient).map(reportRow),
    clients: known.filter(({ isClient }) => isClient).map(reportClient),
  };
}

function reportRow(row: MethodRow) {
  const { service, method, rate, failedRatio, badRatio, inFlight, oldest, budget, loopShare } = row;
  return {
    service,
    method,
    rate,
    failedRatio,
    badRatio,
    p50: row.p50?.seconds ?? null,
    p95: row.p95?.seconds ?? null,
    p99: row.p99?.seconds ?? null,
    inFlight,
    oldest,
    budget,
    loopShare,
  };
}

function reportClient(row: MethodRow): object {
  const { method: client, ...figures } = reportRow(row);
  return { client, ...figures };
}

/** Shows the table on the whole terminal until the user or a signal ends it. Resolves to the exit code. */
async function watch(
  line: CommandLine,
  view: TopView,
  { interval, color }: TopOptions,
): Promise<ExitCode> {
  const paint = color && line.stdout.hasColors() ? COLORED : PLAIN;
  const ended = new AbortController();
  let exitCode: ExitCode = EXIT.done;
  const end = (code: ExitCode): void => {
    exitCode = code;
    ended.abort();
  };
  const draw = (): void => screen.draw((columns, rows) => renderFrame(view, columns, rows, paint));
  const showCalls = async (): Promise<void> => {
    const hasNews = await view.calls.refresh(view.openedRow(), view.instances);
    if (hasNews && !ended.signal.aborted) draw();
  };
  const screen = new TerminalScreen(
    line,
    (key) => {
      if (isQuit(key, view)) return end(EXIT.done);
      view.press(key);
      draw();
      void showCalls();
    },
    draw,
  );
  const onInterrupt = (): void => end(EXIT.interrupted);
  const onTerminate = (): void => end(EXIT.terminated);
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onTerminate);
  const keepRefreshing = async (): Promise<void> => {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop
      await setTimeout(interval * 1000, undefined, { signal: ended.signal });
      if (view.paused) continue;
      // oxlint-disable-next-line no-await-in-loop
      await refreshAll(view.instances);
      if (ended.signal.aborted) return;
      view.refresh(new Date());
      draw();
      void showCalls();
    }
  };
  try {
    screen.open();
    draw();
    // The race ends the view without waiting for a scrape in progress.
    await Promise.race([keepRefreshing(), aborted(ended.signal)]);
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  } finally {
    screen.close();
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onTerminate);
  }
  return exitCode;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
