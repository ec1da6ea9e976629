import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { configureMetrics, Counted } from '../../../src/index';
import type { Overview } from '../../../src/tools/page/browser/protocol';
import type { Asset } from '../../../src/tools/page/assets';
import { BUSY, INTERVAL, LivePage, pageIsMissing } from '../../../src/tools/page/live-page';
import { pageAtRoot, pageBelowMetrics } from '../../../src/tools/page/mount';
import { declarationsOf } from '../../../src/declaration/declarations';
import { currentRuntime } from '../../../src/runtime/runtime';

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));

class PolledHandler {
  @Counted static run(): void {}
}
PolledHandler.run();

const onError = vi.fn<(error: unknown, site: string) => void>();
let page: LivePage;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] });
  onError.mockReset();
  configureMetrics({ registry: new Registry(), onError });
  page = new LivePage(currentRuntime(), pageAtRoot('/metrics'));
});
afterEach(() => {
  page.close();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function answerTo(query: string): ReturnType<LivePage['answer']> {
  return page.answer('/-/overview.json', new URLSearchParams(query));
}

function overview(query = 'window=900'): Overview {
  return JSON.parse(String((answerTo(query) as Asset).body)) as Overview;
}

const rateOf = ({ methods }: Overview) => methods.find(({ method }) => method === 'run')?.rate;

it('the live page reads the metrics at each interval until it is closed', async () => {
  PolledHandler.run();
  await vi.advanceTimersByTimeAsync(5 * INTERVAL);
  expect(overview().sample).toBe(5);
  expect(rateOf(overview())).toBeCloseTo(1000 / (5 * INTERVAL), 9);
  page.close();
  await vi.advanceTimersByTimeAsync(5 * INTERVAL);
  expect(overview().sample).toBe(5);
});

it('an answer says when the next sample is taken, even if it was computed before', async () => {
  const untilNewer = () => (answerTo('window=60') as Asset).untilNewer?.();
  expect(untilNewer()).toBe(INTERVAL);
  await vi.advanceTimersByTimeAsync(INTERVAL - 300);
  expect(untilNewer()).toBe(300);
  await vi.advanceTimersByTimeAsync(500);
  expect(untilNewer()).toBe(INTERVAL - 200);
});

it('the live page can show any moment of its history again', async () => {
  PolledHandler.run();
  await vi.advanceTimersByTimeAsync(5 * INTERVAL);
  const then = overview();
  await vi.advanceTimersByTimeAsync(100 * INTERVAL);
  expect(rateOf(overview(`window=900&until=${then.sample}`))).toBe(rateOf(then));
});

it('the live page shows the sample nearest to a time', async () => {
  await vi.advanceTimersByTimeAsync(50 * INTERVAL);
  const then = overview();
  await vi.advanceTimersByTimeAsync(5 * INTERVAL);
  const at = (offset: number) =>
    overview(`window=900&at=${Math.round(then.to + offset * INTERVAL)}`).sample - then.sample;
  expect([0, 0.4, 0.6, -1.4, -900, 900].map(at)).toEqual([0, 0, 1, -1, -then.sample, 5]);
});

it('the history of the live page is 15 minutes long', async () => {
  await vi.advanceTimersByTimeAsync(1000 * INTERVAL);
  const { from, to, historyFrom } = overview();
  expect(to - historyFrom).toBeCloseTo(900_000, 3);
  expect(to - from).toBeCloseTo(900_000, 3);
});

it('the live page reports a failed reading and continues with the next', async () => {
  const fault = new Error('no reading');
  vi.spyOn(declarationsOf(currentRuntime()).methods, 'values').mockImplementationOnce(() => {
    throw fault;
  });
  await vi.advanceTimersByTimeAsync(INTERVAL);
  expect(onError.mock.calls).toEqual([[fault, 'page']]);
  PolledHandler.run();
  await vi.advanceTimersByTimeAsync(INTERVAL);
  expect(rateOf(overview())).toBeGreaterThan(0);
});

it('all readers of the live page share an answer until the next sample', async () => {
  await vi.advanceTimersByTimeAsync(5 * INTERVAL);
  const answer = answerTo('window=900');
  expect(answerTo('window=900&until=99')).toBe(answer);
  expect(answerTo('window=4')).not.toBe(answer);
  await vi.advanceTimersByTimeAsync(INTERVAL);
  expect(answerTo('window=900')).not.toBe(answer);
});

it('readers of the live page that request too many different spans are refused until the next sample', async () => {
  await vi.advanceTimersByTimeAsync(100 * INTERVAL);
  const answers = Array.from({ length: 90 }, (_, i) => answerTo(`window=900&until=${i + 10}`));
  expect(answers.filter((answer) => answer !== BUSY)).toHaveLength(32);
  await vi.advanceTimersByTimeAsync(INTERVAL);
  expect(answerTo('window=900')).not.toBe(BUSY);
});

it('a program without the files of the page names the address of the metrics as the reader sees it', () => {
  const firstLine = (asset: Asset): string => asset.body.toString().split('\n', 1)[0] ?? '';
  expect(firstLine(pageIsMissing(pageAtRoot('/metrics')))).toBe('The metrics are at /metrics.');
  expect(firstLine(pageIsMissing(pageBelowMetrics()))).toBe('The metrics are at ../.');
});
