import { startProgram, type Program } from '../../support/start-program';

/** A running `busy-server.ts`. */
export interface BusyServer {
  readonly program: Program;
  readonly url: string;
  /** Plants trouble, and resolves with when it began, in milliseconds since 1970. */
  plant(trouble: string): Promise<number>;
  /** Starts a page behind the token `s3cret`, and resolves with its address. */
  startPrivatePage(): Promise<string>;
  /** The requests of the metrics so far, each with its time in milliseconds since 1970. */
  scrapes(): Promise<readonly { readonly url: string; readonly time: number }[]>;
}

export async function startBusyServer(): Promise<BusyServer> {
  const main = ['--import', 'tsx', 'test/real/page/busy-server.ts'];
  const program = startProgram(process.execPath, main);
  const [, page, control] = await program.writes(/page (\d+) control (\d+)/);
  const ask = async (name: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${control}/${name}`)).text();
  return {
    program,
    url: `http://127.0.0.1:${page}/`,
    plant: async (trouble) => Number(await ask(trouble)),
    startPrivatePage: async () => `http://127.0.0.1:${await ask('private')}/`,
    scrapes: async () => JSON.parse(await ask('scrapes')),
  };
}
