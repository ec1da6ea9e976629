import { cpus } from 'node:os';

/** Describes when and on what machine the benchmark ran. */
export function describeMachine() {
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, Node ${process.version}, ${cpus()[0].model}, ${cpus().length} cores`;
}
