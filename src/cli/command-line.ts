import type { ExitCode } from './exit-codes';

/** What a command has of the process that it runs in. */
export interface CommandLine {
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream & { readonly fd: number };
  readonly stderr: NodeJS.WriteStream;
  /** What the process is to end with. */
  exitCode: ExitCode;
}
