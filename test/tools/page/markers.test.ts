import { expect, test } from 'vitest';

import type { ProcessEvent } from '../../../src/runtime/process-events';
import { markersIn, wasOffBetween } from '../../../src/tools/page/markers';
import { Timeline, type Window } from '../../../src/tools/page/timeline';

/** A window over all samples of a timeline whose samples are two seconds apart. */
function windowFrom(start: number, samples: number): Window {
  const timeline = new Timeline(451);
  for (let i = 0; i < samples; i++) timeline.begin(start + 2000 * i);
  return { timeline, from: 0, to: samples - 1 };
}

const event = (time: number, text = 'x', kind: ProcessEvent['kind'] = 'file'): ProcessEvent => ({
  kind,
  text,
  time,
});

const later = (time: number): number => time + 1e6;

test('markers are the events in the window, with their time on the wall clock', () => {
  const window = windowFrom(600_000, 31);
  const events = [
    event(589_999, 'early'),
    event(600_001, 'a'),
    event(660_000, 'b'),
    event(660_001),
  ];
  expect(markersIn(events, window, later)).toEqual([
    { time: 1_600_001, text: 'a' },
    { time: 1_660_000, text: 'b' },
  ]);
});

test('the start of the process, and events just before the first sample, are shown at the start of the history', () => {
  const texts = (window: Window) =>
    markersIn([event(800, 'configured')], window, later).map(({ text }) => text);
  expect(texts(windowFrom(1500, 5))).toEqual(['process started', 'configured']);
  expect(texts(windowFrom(20_000, 5))).toEqual([]);
  expect(texts({ ...windowFrom(1500, 5), from: 1 })).toEqual([]);
});

test('the latest twenty events are shown', () => {
  const events = Array.from({ length: 50 }, (_, i) => event(600_000 + i + 1, String(i)));
  const markers = markersIn(events, windowFrom(600_000, 31), later);
  expect([markers.length, markers[0]?.text, markers.at(-1)?.text]).toEqual([20, '30', '49']);
});

test.each([
  ['was never switched', [], false],
  [
    'was switched off and on before',
    [
      ['off', 10],
      ['on', 50],
    ],
    false,
  ],
  ['was switched off before and not on', [['off', 10]], true],
  [
    'was switched on in between',
    [
      ['off', 10],
      ['on', 150],
    ],
    true,
  ],
  ['was switched off in between', [['off', 150]], true],
  [
    'was switched off and on in between',
    [
      ['off', 120],
      ['on', 150],
    ],
    true,
  ],
  ['was switched off afterwards', [['off', 250]], false],
] as const)('calls from 100 to 200 are complete unless recording %s', (_title, switches, isOff) => {
  const events = switches.map(([state, time]) => event(time, '', `recording-${state}`));
  expect(wasOffBetween(events, 100, 200)).toBe(isOff);
});
