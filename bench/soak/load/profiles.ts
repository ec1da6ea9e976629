import { get } from './get.js';

const TYPES = ['cpu', 'heap'] as const;

/** Takes profiles of a process, of both types in turn. */
export class Profiles {
  count = 0;
  readonly wrong: string[] = [];

  constructor(readonly port: number) {}

  async take(): Promise<void> {
    const type = TYPES[this.count % TYPES.length] as string;
    this.count++;
    try {
      const { status, body } = await get(this.port, `/-/profile?type=${type}&seconds=1`);
      if (status !== 200) throw new Error(`status ${status}`);
      if (!('thriftMetrics' in JSON.parse(body.toString()))) throw new Error('not a profile');
    } catch (error) {
      this.wrong.push(`${type}: ${(error as Error).message}`);
    }
  }
}
