/** The process that a command runs in, as far as the command may use it. */
export interface CommandLine {
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream & { readonly fd: number };
  readonly stderr: NodeJS.WriteStream;
  /** Calls `configureMetrics`. Throws a `ThriftMetricsError` if a setting is not valid. */
  readonly configure: (settings: object) => void;
  /** Reads the options of `configureMetrics` in a configuration file. */
  readonly readOptions: (path: string) => FileOptions;
  /** Exit code of the process, set by the command. */
  exitCode: ExitCode;
}

/** What a configuration file sets. */
interface FileOptions {
  readonly options: Readonly<Record<string, unknown>>;
  /** What is wrong in the file, with the lines. */
  readonly problems: readonly string[];
}

/** The exit codes of `thrift-metrics`. A test compares `docs/reference/cli.md` with this table. */
export const EXIT = {
  done: 0,
  findings: 1,
  failed: 2,
  fault: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Reports that a command cannot do its work. Printed as one line on standard error, with exit code 2. */
export class CommandError extends Error {
  override get name(): string {
    return 'CommandError';
  }
}
