import { Instrumented } from 'thrift-metrics';

import { Entry, NotFound } from './gen-nodejs/shared_types.js';

@Instrumented({ service: 'SharedService', exceptions: [NotFound] })
export class SharedServiceHandler {
  /** Entries in insertion order. */
  protected readonly entries = new Map<number, string>();

  async getStruct(key: number): Promise<Entry> {
    const value = this.entries.get(key);
    if (value === undefined) throw new NotFound({ key, hint: 'calculate something first' });
    return new Entry({ key, value });
  }

  recentKeys(limit: number): number[] {
    return [...this.entries.keys()].toReversed().slice(0, limit);
  }
}
