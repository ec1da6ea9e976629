import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import { copyText } from './clipboard.js';
import { Headings } from './error-table.js';
import { formatPercentage, formatPercentile, formatRate, type OuterBounds } from './format.js';
import type { Figure, MethodDetail, MethodFigures } from './protocol.js';

type Name = keyof MethodFigures;

const NAMES: Readonly<Record<Name, string>> = {
  rate: 'Calls',
  failedRatio: 'Failed',
  badRatio: 'Bad',
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
};

/** The figures of a method now and five minutes earlier, with the expression that shows each in Prometheus. */
export function FiguresTable({
  detail,
  outer,
}: {
  readonly detail: MethodDetail;
  readonly outer: OuterBounds;
}): JSX.Element {
  const { figures, earlier, queries, dashboard } = detail;
  const names = (Object.keys(NAMES) as Name[]).filter(
    (name) => figures[name] !== null || queries[name] !== null,
  );
  const isCompared = earlier.figures !== null;
  const headings = ['Figure', 'Now', ...(isCompared ? ['5 min earlier'] : []), 'Prometheus'];
  return (
    <section class="figures">
      <h2>Figures</h2>
      <table class="plain">
        <thead>
          <Headings texts={headings} />
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{NAMES[name]}</th>
              <td class="number">{format(name, figures[name], outer)}</td>
              {earlier.figures !== null && (
                <td class="number">{format(name, earlier.figures[name], outer)}</td>
              )}
              <td>
                <CopyButton name={NAMES[name]} query={queries[name]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {earlier.unknownReason !== null && (
        <p class="note">{`Not compared with five minutes earlier: ${earlier.unknownReason}.`}</p>
      )}
      {dashboard !== null && (
        <p class="actions">
          <a class="button" href={during(dashboard, detail)} target="_blank" rel="noreferrer">
            Open in Grafana
          </a>
        </p>
      )}
    </section>
  );
}

function format(name: Name, figure: Figure, outer: OuterBounds): string {
  if (name === 'rate') return formatRate(figure);
  if (name === 'failedRatio' || name === 'badRatio') return formatPercentage(figure);
  return formatPercentile(figure, outer);
}

/** Adds the time window of the page to the address of a dashboard. */
function during(dashboard: string, { from, to }: MethodDetail): string {
  const url = new URL(dashboard);
  url.searchParams.set('from', String(Math.floor(from)));
  url.searchParams.set('to', String(Math.ceil(to)));
  return url.href;
}

/** Copies an expression. Where the browser does not allow it, shows the expression to be copied by hand. */
function CopyButton({
  name,
  query,
}: {
  readonly name: string;
  readonly query: string | null;
}): JSX.Element | null {
  const [state, setState] = useState<'ready' | 'copied' | 'refused'>('ready');
  if (query === null) return null;
  if (state === 'refused') {
    return (
      <input
        class="query"
        readOnly
        aria-label={`PromQL of ${name}`}
        value={query}
        ref={(field) => field?.select()}
      />
    );
  }
  const copy = async (): Promise<void> => setState((await copyText(query)) ? 'copied' : 'refused');
  return (
    <>
      <button
        type="button"
        class="link copy"
        aria-label={`Copy as PromQL: ${name}`}
        onClick={() => void copy()}
        onBlur={() => setState((now) => (now === 'copied' ? 'ready' : now))}
      >
        Copy as PromQL
      </button>
      <span role="status" class="copied">
        {state === 'copied' ? ' ✓ copied' : ''}
      </span>
    </>
  );
}
