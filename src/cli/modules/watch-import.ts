import { writeSync } from 'node:fs';
import { Server } from 'node:net';

import { CommandError } from '../command-error';
import { EXIT } from '../exit-codes';

const ADVICE =
  'export the handler class from a module of its own, which only defines it, and name that one';

export interface WatchedImport {
  /** Rejects when the module does what would leave the command hanging or without an end. */
  readonly failed: Promise<never>;
  /** Ends the watch. Servers stay held: one that a module starts late shall not open a port either. */
  end(): void;
}

/**
 * Watches what a module does beside defining classes while it is imported. A server that it starts does not listen, what
 * it prints goes to standard error, it sees no arguments, and when it ends the process, the exit code says that nothing was done.
 */
export function watchImport(specifier: string, seconds: number): WatchedImport {
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // It may fail when nobody waits for it any more.
  failed.catch(() => {});
  Server.prototype.listen = function (this: Server): Server {
    fail(new CommandError(`${specifier} starts a server when it is imported; ${ADVICE}`));
    return this;
  };
  const timer = setTimeout(() => {
    const message = `${specifier} is not loaded after ${seconds} s: does it await something at its top level? `;
    fail(new CommandError(`${message}If so, ${ADVICE}; --timeout gives it more time`));
  }, seconds * 1000);
  const onExit = (): void => {
    process.exitCode = EXIT.failed;
    const message = `thrift-metrics: ${specifier} ends the process when it is imported; ${ADVICE}\n`;
    writeSync(process.stderr.fd, message);
  };
  const { stdout, stderr, argv } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  // The arguments are those of this command; the module shall not take them for its own.
  process.argv = [...argv.slice(0, 1), specifier];
  process.on('exit', onExit);
  process.setUncaughtExceptionCaptureCallback(fail);
  return {
    failed,
    end() {
      clearTimeout(timer);
      stdout.write = write;
      process.argv = argv;
      process.off('exit', onExit);
      process.setUncaughtExceptionCaptureCallback(null);
    },
  };
}
