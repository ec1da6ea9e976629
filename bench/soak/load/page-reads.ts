import { get } from './get.js';

const PATHS = [
  '/',
  '/-/overview.json',
  '/-/overview.json?window=60',
  '/-/method.json?service=Calculator&method=factorize',
  '/-/method.json?service=SharedService&method=getStruct&window=60',
];

/** Reads the live page and its data. */
export class PageReads {
  count = 0;
  readonly wrong: string[] = [];

  constructor(readonly port: number) {}

  async all(): Promise<void> {
    for (const path of PATHS) {
      this.count++;
      try {
        const { status, body } = await get(this.port, path);
        if (status !== 200) throw new Error(`status ${status}`);
        if (path !== '/') JSON.parse(body.toString());
      } catch (error) {
        this.wrong.push(`${path}: ${(error as Error).message}`);
      }
    }
  }
}
