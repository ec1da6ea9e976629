import { FREE_PORTS } from '../../support/start-calculator';
import { startProgram } from '../../support/start-program';

type Count = Record<'calls' | 'ok' | 'declared' | 'undeclared', number>;

/** What a load client counted in one run, by method, such as `Calculator.add`. */
export interface Counts {
  readonly total: Count;
  readonly counts: Readonly<Record<string, Count>>;
}

export interface Instance {
  /** Host and port of its metrics, which is the name of the instance in Prometheus. */
  readonly address: string;
  startLoad(): Promise<void>;
  /** Resolves when every call is answered. */
  stopLoad(): Promise<Counts>;
  kill(): Promise<void>;
}

/** Starts one server of the fleet. `port` is the port of its metrics. */
export async function startInstance(port = 0): Promise<Instance> {
  const main = ['--import', 'tsx', 'test/real/fleet/instance.ts'];
  const ports = [...FREE_PORTS, '--metrics-port', String(port)];
  const program = startProgram(process.execPath, [...main, ...ports]);
  const [, found = ''] = await program.writes(/^metrics http:\/\/localhost:(\d+)\/metrics$/m);
  let run = 0;
  return {
    address: `127.0.0.1:${found}`,
    startLoad: async () => {
      program.signal('SIGUSR2');
      await program.writes(new RegExp(`^calling ${++run}$`, 'm'));
    },
    stopLoad: async () => {
      program.signal('SIGUSR2');
      const [, tally = ''] = await program.writes(new RegExp(`^tally ${run} (.+)$`, 'm'));
      return JSON.parse(tally) as Counts;
    },
    kill: () => program.stop(),
  };
}
