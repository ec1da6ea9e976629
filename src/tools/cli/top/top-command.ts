import { type Command, Option } from 'commander';
import { setTimeout } from 'node:timers/promises';

import { CommandError, type CommandLine, EXIT, type ExitCode } from '../command-line';
import { writeText } from '../output';
import { parseHeader, parseSeconds } from '../parse-options';
import { parseEndpoint } from '../scrape-endpoint';
import { Instance } from './instance';
import { methodRowsOf } from './method-rows';
import { applyKey, isQuit, type Key, TerminalScreen } from './terminal';
import { sortRows, TOP_COLUMNS, type TopColumn } from './top-columns';
import { downLines, renderFrame, renderOnce, type TopChoice, type TopFrame } from './top-frame';

interface TopOptions {
  readonly interval: number;
  readonly sort: string;
  readonly once?: true;
  readonly json?: true;
  readonly header?: Record<string, string>;
  readonly insecure?: true;
  readonly timeout: number;
}

export function addTopCommand(program: Command, line: CommandLine): void {
  program
    .command('top')
    .summary('show rates, errors and latencies of every method, live')
    .description(
      'Scrapes endpoints again and again and shows every method in a table: calls a second, share of failures, percentiles, calls in flight. The instances are summed. Where standard output is no terminal, it prints one table and ends.',
    )
    .argument('<urls...>', 'the endpoints; http:// and /metrics may be left out')
    .option('--interval <seconds>', 'time between two scrapes', parseSeconds, 2)
    .addOption(
      new Option('--sort <column>', 'the column to sort by')
        .choices(TOP_COLUMNS.map(({ name }) => name))
        .default('rate'),
    )
    .option('--once', 'print one table, after two scrapes, and end')
    .option('--json', 'print one JSON object on a line for each refresh; with --once, for one')
    .option('--header <name: value>', 'a header to send; may be repeated', parseHeader)
    .option('--insecure', 'accept any certificate')
    .option('--timeout <seconds>', 'how long each answer may take', parseSeconds, 10)
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics top localhost:8000
  thrift-metrics top --interval 5 --sort p99 host-a:8000 host-b:8000
  thrift-metrics top --once localhost:8000
  thrift-metrics top --json localhost:8000 | jq '.methods[] | select(.errorRatio > 0.01)'`,
    )
    .action((urls: string[], options: TopOptions) => top(urls, options, line));
}

async function top(urls: readonly string[], options: TopOptions, line: CommandLine): Promise<void> {
  const { interval, sort, once, json, header, insecure, timeout } = options;
  const scraping = { headers: header ?? {}, insecure: insecure === true, timeout };
  const instances = urls.map((url) => new Instance(parseEndpoint(url), scraping));
  const column = TOP_COLUMNS.find(({ name }) => name === sort) as TopColumn;
  await refreshAll(instances);
  if (instances.every(({ error }) => error !== null)) {
    throw new CommandError(instances.map(({ error }) => error).join('; '));
  }
  const isLive = once !== true && json !== true && line.stdout.isTTY;
  if (isLive) {
    line.exitCode = await watchTop(line, instances, interval, column);
    return undefined;
  }
  const next = async (): Promise<void> => {
    await setTimeout(interval * 1000);
    await refreshAll(instances);
  };
  await next();
  if (json !== true) return printTable(line, instances, column);
  for (;;) {
    /* oxlint-disable no-await-in-loop */
    await writeText(line.stdout, `${JSON.stringify(report(instances, column))}\n`);
    if (once === true) return undefined;
    await next();
    /* oxlint-enable no-await-in-loop */
  }
}

async function printTable(
  line: CommandLine,
  instances: readonly Instance[],
  column: TopColumn,
): Promise<void> {
  for (const down of downLines(instances)) line.stderr.write(`thrift-metrics: ${down}\n`);
  await writeText(line.stdout, `${renderOnce(rowsOf(instances), column).join('\n')}\n`);
}

async function refreshAll(instances: readonly Instance[]): Promise<void> {
  await Promise.all(instances.map((instance) => instance.refresh()));
}

function rowsOf(instances: readonly Instance[]): ReturnType<typeof methodRowsOf> {
  return methodRowsOf(instances.flatMap(({ changes }) => changes));
}

function report(instances: readonly Instance[], column: TopColumn): object {
  return {
    time: new Date().toISOString(),
    instances: instances.map(({ url, error }) => ({ url, up: error === null, error })),
    methods: sortRows(rowsOf(instances), column, false),
  };
}

/** Shows the table in the whole terminal, until the user or a signal ends it. Returns the exit code. */
export async function watchTop(
  line: CommandLine,
  instances: readonly Instance[],
  interval: number,
  column: TopColumn,
): Promise<ExitCode> {
  const choice: TopChoice = { column, reversed: false, offset: 0, paused: false, help: false };
  let frame: TopFrame = frameOf(instances, choice);
  const ended = new AbortController();
  let exitCode: ExitCode = EXIT.done;
  const end = (code: ExitCode): void => {
    exitCode = code;
    ended.abort();
  };
  const draw = (): void => screen.draw((columns, rows) => renderFrame(frame, columns, rows));
  const screen = new TerminalScreen(
    line,
    (key: Key) => {
      if (isQuit(key)) return end(EXIT.done);
      applyKey(choice, key);
      draw();
    },
    draw,
  );
  const onInterrupt = (): void => end(EXIT.interrupted);
  const onTerminate = (): void => end(EXIT.terminated);
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onTerminate);
  const refresh = async (): Promise<void> => {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop
      await setTimeout(interval * 1000, undefined, { signal: ended.signal });
      if (choice.paused) continue;
      // oxlint-disable-next-line no-await-in-loop
      await Promise.all(instances.map((instance) => instance.refresh()));
      if (ended.signal.aborted) return;
      frame = frameOf(instances, choice);
      draw();
    }
  };
  try {
    screen.open();
    draw();
    await Promise.race([refresh(), aborted(ended.signal)]);
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  } finally {
    screen.close();
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onTerminate);
  }
  return exitCode;
}

function frameOf(instances: readonly Instance[], choice: TopChoice): TopFrame {
  const rows = methodRowsOf(instances.flatMap(({ changes }) => changes));
  return { rows, instances, choice, time: new Date() };
}

/** Does not wait for a scrape that is under way. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
