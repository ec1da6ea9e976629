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
