import type { JSX } from 'preact';

import {
  formatAge,
  formatDuration,
  formatPercentage,
  formatPercentile,
  formatSeconds,
  NO_VALUE,
} from './format.js';
import { hangs, type Trouble } from './trouble.js';
import type { Figure, MethodRow, Overview } from './protocol.js';
import { highest, peakOf, ratioOf, sum } from './totals.js';

/** Number of methods and dependencies in trouble that are named. */
const MAX_NAMED = 5;

/** The same on a narrow page. */
const MAX_NAMED_NARROW = 3;

/** The first answer: whether something is wrong, what, and the figures that show it. */
export function Verdict({
  overview,
  troubles,
  show,
  showFailing,
}: {
  readonly overview: Overview;
  readonly troubles: readonly Trouble[];
  readonly show: (trouble: Trouble) => void;
  readonly showFailing: () => void;
}): JSX.Element {
  const { level, text } = judge(overview, troubles);
  return (
    <section class="verdict" aria-label="Summary" data-level={level}>
      <h2 class="answer">{text}</h2>
      <dl class="facts">
        {factsOf(overview).map(({ name, value, earlier, isBad }) => (
          <div key={name} data-bad={isBad ? '' : undefined}>
            <dt>{name}</dt>
            <dd>{`${isBad ? '▲ ' : ''}${value}`}</dd>
            {earlier !== undefined && <dd class="earlier">{`(5 min ago: ${earlier})`}</dd>}
          </div>
        ))}
      </dl>
      {troubles.length > 0 && (
        <ul class="troubles">
          {troubles.slice(0, MAX_NAMED).map((trouble, i) => (
            <li key={trouble.key} class={i < MAX_NAMED_NARROW ? '' : 'in-wide'}>
              <button type="button" class="link" onClick={() => show(trouble)}>
                <strong>{trouble.label}</strong>
                {` ${trouble.text}`}
              </button>
            </li>
          ))}
          <Others count={troubles.length - MAX_NAMED} only="in-wide" show={showFailing} />
          <Others count={troubles.length - MAX_NAMED_NARROW} only="in-narrow" show={showFailing} />
        </ul>
      )}
    </section>
  );
}

/** Leads to those in trouble that are not named. */
function Others({
  count,
  only,
  show,
}: {
  readonly count: number;
  readonly only: 'in-wide' | 'in-narrow';
  readonly show: () => void;
}): JSX.Element | null {
  if (count <= 0) return null;
  return (
    <li class={only}>
      <button type="button" class="link" onClick={show}>
        <strong>{`and ${count} more`}</strong>
      </button>
    </li>
  );
}

/** Claims only what the samples show: before the second sample, nothing is known. */
function judge(
  { from, to, methods, clients }: Overview,
  troubles: readonly Trouble[],
): { readonly level: 'bad' | 'good' | 'unknown'; readonly text: string } {
  const { length } = troubles;
  if (length > 0) {
    const ofMethods = troubles.filter((trouble) => trouble.of === 'method').length;
    const parts = [
      share(ofMethods, methods.length, 'method', 'methods'),
      share(length - ofMethods, clients.length, 'dependency', 'dependencies'),
    ];
    const named = parts.filter((part) => part !== null);
    return { level: 'bad', text: `▲ ${named.join(' and ')} in trouble` };
  }
  const covered = formatDuration((to - from) / 1000);
  if (methods.length === 0) return { level: 'unknown', text: 'No methods are declared yet' };
  if (to === from) return { level: 'unknown', text: 'Nothing is known yet' };
  const calls = sum(methods.map(({ rate }) => rate));
  if (calls === null) return { level: 'unknown', text: 'No metric counts calls' };
  if (calls === 0) return { level: 'unknown', text: `No calls in the last ${covered}` };
  const failed = sum(methods.map(({ failedRate }) => failedRate));
  if (failed === null) return { level: 'unknown', text: 'No metric counts failures' };
  return { level: 'good', text: `✓ No trouble in the last ${covered}` };
}

/** Some of all in words, or null if there are none. */
function share(some: number, all: number, one: string, many: string): string | null {
  return some === 0 ? null : `${some} of ${all} ${all === 1 ? one : many}`;
}

interface Fact {
  readonly name: string;
  readonly value: string;
  /** The value five minutes ago, if it is known. */
  readonly earlier?: string | undefined;
  readonly isBad: boolean;
}

function factsOf({ methods, objectives, process, earlier }: Overview): Fact[] {
  const before = earlier.figures;
  const calls = sum(methods.map(({ rate }) => rate));
  const bad = ratioOf(sum(methods.map(({ badRate }) => badRate)), calls);
  const failed = ratioOf(sum(methods.map(({ failedRate }) => failedRate)), calls);
  const slowest = highest(methods, ({ p99 }) => p99);
  const oldest = highest(methods, (row) => row.oldest);
  const { missed, known, total } = objectives;
  return [
    {
      name: 'Bad',
      value: formatPercentage(bad),
      earlier: formatKnown(before?.badRatio, formatPercentage),
      isBad: (bad ?? 0) > 0,
    },
    {
      name: 'Failed',
      value: formatPercentage(failed),
      earlier: formatKnown(before?.failedRatio, formatPercentage),
      isBad: false,
    },
    {
      name: 'Slowest p99',
      value: describeSlowest(slowest),
      earlier:
        before === null
          ? undefined
          : formatKnown(before.p99, (p99) => formatPercentile(p99, before)),
      isBad: false,
    },
    {
      name: 'Objectives missed',
      value: total === 0 || known === 0 ? NO_VALUE : `${missed} of ${total}`,
      isBad: missed > 0,
    },
    {
      name: 'Oldest call',
      value: formatAge(oldest?.oldest ?? null),
      isBad: methods.some(hangs),
    },
    {
      name: 'Event loop',
      value: formatSeconds(peakOf(process.loopDelay)),
      earlier: formatKnown(before?.loopDelay, formatSeconds),
      isBad: false,
    },
  ];
}

/** A figure in words, or undefined if it is not known. */
function formatKnown(
  figure: Figure | undefined,
  format: (figure: Figure) => string,
): string | undefined {
  return figure === undefined || figure === null ? undefined : format(figure);
}

function describeSlowest(row: MethodRow | null): string {
  if (row === null) return NO_VALUE;
  return `${formatPercentile(row.p99, row)} in ${row.service}.${row.method}`;
}
