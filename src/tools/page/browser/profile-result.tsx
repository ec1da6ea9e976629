import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';

import { FlameGraph } from './flame-graph.js';
import { formatBytes, formatPercentage, formatSeconds, formatTime } from './format.js';
import type { FetchedProfile } from './profile-fetch.js';
import { hottestOf, type Hot } from './profile-hottest.js';
import type { ProfileNotes } from './profile-protocol.js';
import { createTree } from './profile-tree.js';

/** Rows of each table. */
const ROWS = 15;

/** Formats microseconds or bytes, as the type of the profile has them. */
type FormatValue = (value: number) => string;

/** One profile: what it is of, the flame graph, the same in tables, and the file. */
export function ProfileResult({ profile }: { readonly profile: FetchedProfile }): JSX.Element {
  const { file, blob, fileName } = profile;
  const notes = file.thriftMetrics;
  const tree = useMemo(() => createTree(file), [file]);
  const hottest = useMemo(() => hottestOf(tree.root, ROWS), [tree]);
  const { root, total, idle } = tree;
  const address = useMemo(() => URL.createObjectURL(blob), [blob]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  const format: FormatValue =
    notes.type === 'cpu' ? (value) => formatSeconds(value / 1e6) : formatAllocated;
  return (
    <>
      <p class="profile-summary">{summaryOf(notes, total, idle, format)}</p>
      <p>
        <a class="button" href={address} download={fileName}>
          {`Download ${fileName}`}
        </a>
      </p>
      {total > 0 ? (
        <>
          <FlameGraph root={root} format={format} />
          <div class="tables">
            <HotTable title="Methods" of={hottest.methods} total={total} format={format} />
            <HotTable title="Functions" of={hottest.functions} total={total} format={format} />
          </div>
        </>
      ) : (
        <p>Nothing ran in this time.</p>
      )}
    </>
  );
}

/** A value with its share, which do not break within. */
function withShare(value: number, total: number, format: FormatValue): string {
  const [size, share] = [format(value), formatPercentage(value / total)].map((text) =>
    text.replaceAll(' ', '\u00A0'),
  );
  return `${size} (${share})`;
}

/** Formats bytes in the unit in which they are at least 1. */
function formatAllocated(bytes: number): string {
  return bytes < 2 ** 20 ? `${Number((bytes / 1024).toPrecision(3))} KiB` : formatBytes(bytes);
}

function HotTable({
  title,
  of,
  total,
  format,
}: {
  readonly title: string;
  readonly of: readonly Hot[];
  readonly total: number;
  readonly format: FormatValue;
}): JSX.Element {
  return (
    <table class="plain hot">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Self</th>
          <th scope="col">Total</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ name, location, self, total: all }) => (
          <tr key={`${name} ${location}`}>
            <th scope="row">
              {name}
              {location !== '' && <span class="location">{` ${location}`}</span>}
            </th>
            <td class="number">{withShare(self, total, format)}</td>
            <td class="number">{withShare(all, total, format)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function summaryOf(
  { type, service, pid, thread, hasWorkers, startedAt, seconds }: ProfileNotes,
  total: number,
  idle: number,
  format: FormatValue,
): string {
  const what =
    type === 'cpu'
      ? `Busy for ${format(total)}, idle for ${formatPercentage(idle / Math.max(1, idle + total))} of the time,`
      : `About ${format(total)} allocated`;
  const where = thread === 0 ? `process ${pid}` : `worker thread ${thread} of process ${pid}`;
  const others = hasWorkers
    ? ' Other processes and threads of the program are not in the profile.'
    : '';
  return `${what} in ${seconds} seconds from ${formatTime(startedAt)}, in ${where} (${service}).${others}`;
}
