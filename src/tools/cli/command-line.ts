/** What a command has of the process that it runs in. */
export interface CommandLine {
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream & { readonly fd: number };
  readonly stderr: NodeJS.WriteStream;
  /** What the process is to end with. */
  exitCode: ExitCode;
}

/** What the exit code of `thrift-metrics` says. `docs/reference/cli.md` is held against this table by a test. */
export const EXIT = {
  done: 0,
  findings: 1,
  failed: 2,
  fault: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Why a command cannot do what it was asked for: one line on standard error, and exit code 2. */
export class CommandError extends Error {
  override get name(): string {
    return 'CommandError';
  }
}
