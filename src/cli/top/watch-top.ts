import { setTimeout } from 'node:timers/promises';

import type { CommandLine } from '../command-line';
import { EXIT, type ExitCode } from '../exit-codes';
import type { Instance } from './instance';
import { methodRowsOf } from './method-rows';
import { TerminalScreen } from './terminal-screen';
import type { TopColumn } from './top-columns';
import { renderFrame, type TopChoice, type TopFrame } from './top-frame';
import { applyKey, isQuit, type Key } from './top-keys';

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
