import { parseArgs } from 'node:util';

export interface Options {
  thriftPort: number;
  metricsPort: number;
  /** Duration in milliseconds. Without it, the example runs until it is interrupted. */
  duration: number | undefined;
  env: string;
  region: string;
}

export class UsageError extends Error {}

export const usage = `Usage: npm start -- [options]

Runs a Thrift server with a decorated handler and a client that keeps calling it.

  --thrift-port <port>   port of the Thrift server (default 9091; 0 picks a free one)
  --metrics-port <port>  port of the metrics server (default 8000; 0 picks a free one)
  --duration <seconds>   stop after this time (default: run until Ctrl-C)
  --env <name>           value of the default label env (default dev)
  --region <name>        value of the default label region (default local)
  --help                 print this help`;

/** A longer timer would overflow and fire immediately. */
const MAX_SECONDS = 2_000_000;

export function readOptions(args: string[]): Options | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  return {
    thriftPort: port('thrift-port', values['thrift-port']),
    metricsPort: port('metrics-port', values['metrics-port']),
    duration: values.duration === undefined ? undefined : seconds(values.duration) * 1000,
    env: values.env,
    region: values.region,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        'thrift-port': { type: 'string', default: '9091' },
        'metrics-port': { type: 'string', default: '8000' },
        duration: { type: 'string' },
        env: { type: 'string', default: 'dev' },
        region: { type: 'string', default: 'local' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    // The first sentence names the option. The rest is advice about positional arguments.
    const [problem = ''] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(
      problem.replace('argument is ambiguous', 'needs a value that does not start with a dash'),
    );
  }
}

function port(option: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new UsageError(`--${option} must be a port number from 0 to 65535, not '${text}'`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= MAX_SECONDS) return value;
  throw new UsageError(
    `--duration must be a number of seconds above 0 and at most ${MAX_SECONDS}, not '${text}'`,
  );
}
