import { beforeEach, describe, expect, it } from 'vitest';

import type { WorkerValues } from '../../../src/scrape/workers/peer';
import { ReportedNames } from '../../../src/scrape/workers/reported-names';

const family = { name: 'a', type: 'counter', help: 'x', aggregator: 'sum', points: [], series: [] };
const own = { name: 'own', type: 'gauge', help: 'x', aggregator: 'sum', values: [] };

const reportOf = (families: readonly unknown[], userMetrics: readonly unknown[]): WorkerValues => ({
  families: families.map((body) => JSON.stringify(body)),
  userMetrics: userMetrics.map((body) => JSON.stringify(body)),
});

let reported: string[];
let names: ReportedNames;
beforeEach(() => {
  reported = [];
  names = new ReportedNames({ report: (site) => void reported.push(site) });
});

describe('ReportedNames', () => {
  it('the reported names are those of all metrics in all reports, with their types', async () => {
    const first = reportOf(
      [[family, { ...family, name: 'b', type: 'summary' }], [family]],
      [[own]],
    );
    const second = reportOf([[family]], []);
    expect(await names.of([first, second])).toEqual([
      { name: 'a', type: 'counter' },
      { name: 'b', type: 'summary' },
      { name: 'own', type: 'gauge' },
      { name: 'a', type: 'counter' },
    ]);
    expect(await names.of([])).toEqual([]);
  });

  it("the reported names lack families that cannot be read, and user's metrics that cannot be read are reported", async () => {
    const report = reportOf([{}, [family]], [[{}], [own]]);
    expect(await names.of([report])).toEqual([
      { name: 'a', type: 'counter' },
      { name: 'own', type: 'gauge' },
    ]);
    expect(reported).toEqual(['worker']);
  });

  it('a report is read once, even if its names are needed twice at the same time', async () => {
    const report = reportOf([], [[{}]]);
    await Promise.all([names.of([report]), names.of([report])]);
    await names.of([report]);
    expect(reported).toEqual(['worker']);
  });
});
