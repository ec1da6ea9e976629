import { CALLS_FORM } from '../../calls/calls-document';
import type { CallsDocument, ShownCall } from '../../page/browser/calls-protocol';
import { CommandError } from '../command-line';
import { renderTable, shown } from '../output';
import { readDescription } from '../read-description';
import { showSeconds } from './cell-text';
import type { Instance } from './instance';
import type { MethodRow } from './method-rows';
import { nameOf } from './top-order';

/** The most calls that are listed. */
const MOST_CALLS = 10;

/** Characters that are shown of a note from elsewhere. */
const MAX_NOTE = 1000;

type MethodName = Pick<MethodRow, 'service' | 'method' | 'isClient'>;

/** What an instance answers, or why it has no calls to show. */
type Answer = CallsDocument | string;

/** The calls in progress of the method that is open. */
export class MethodCalls {
  /** Name of the method that was asked for last. */
  private of: string | null = null;
  /** Null before the first answers. */
  private answers: readonly Answer[] | null = null;
  /** Whether instances are being asked about that method. Further keys do not ask them again. */
  private isAsking = false;

  /** Asks all instances for the calls of a method. Resolves to whether there is something new to show. */
  async refresh(opened: MethodName | undefined, instances: readonly Instance[]): Promise<boolean> {
    // A client has no calls of handlers.
    if (opened === undefined || opened.isClient) {
      this.forget(null);
      return false;
    }
    const name = nameOf(opened);
    if (this.of !== name) this.forget(name);
    if (this.isAsking) return false;
    this.isAsking = true;
    // The screen says elsewhere which instances are down.
    const up = instances.filter(({ error }) => error === null);
    const answers = await Promise.all(up.map((instance) => readCalls(instance, opened)));
    // Another method may have been opened meanwhile.
    if (this.of !== name) return false;
    this.isAsking = false;
    this.answers = answers;
    return true;
  }

  /** Lists the oldest calls, and says what the list does not have and why. Empty before the first answers. */
  lines(): string[] {
    const { answers } = this;
    if (answers === null) return [];
    const found = answers.filter((answer) => typeof answer !== 'string');
    const notes = answers.flatMap((answer) =>
      typeof answer === 'string' ? [answer] : notesOn(answer),
    );
    const kept = found.filter(({ enabled }) => enabled);
    const total = kept.reduce((sum, { inProgress }) => sum + inProgress.total, 0);
    const calls = kept
      .flatMap(({ inProgress }) => inProgress.calls)
      .toSorted((a, b) => b.age - a.age)
      .slice(0, MOST_CALLS);
    const isNone = kept.length > 0 && total === 0;
    const isWhole =
      found.length === answers.length &&
      found.every(
        ({ partial, processes }) => partial === null && processes.every(({ answered }) => answered),
      );
    return [
      ...(calls.length > 0 ? callLines(calls, total) : []),
      ...(isNone ? [isWhole ? 'No call is in progress.' : 'No call in progress was found.'] : []),
      ...[...new Set(notes)].map((note) => shown(note, MAX_NOTE)),
    ];
  }

  private forget(name: string | null): void {
    this.of = name;
    this.answers = null;
    this.isAsking = false;
  }
}

function callLines(calls: readonly ShownCall[], total: number): string[] {
  const others = total - calls.length;
  return [
    ...renderTable(
      [
        { title: 'CALL', align: 'right' },
        { title: 'CALLER' },
        { title: 'PEER' },
        { title: 'PROCESS' },
        { title: 'TRACE' },
        { title: 'ARGUMENTS' },
      ],
      calls.map(({ age, caller, peer, pid, traceId, arguments: args }) => [
        showSeconds(age),
        caller ?? '-',
        peer ?? '-',
        String(pid ?? '-'),
        traceId ?? '-',
        args ?? '-',
      ]),
    ),
    ...(others > 0 ? [`and ${others} more in progress`] : []),
  ];
}

/** Says what an answer does not have, as the live page does. */
function notesOn({ enabled, hidden, partial, processes, inProgress }: CallsDocument): string[] {
  if (!enabled) return ['Calls are not kept because the setting calls is off.'];
  const silent = processes
    .filter(({ answered }) => !answered)
    .map(({ pid }) => (pid === null ? 'an unknown process' : `process ${pid}`));
  return [
    silent.length > 0 &&
      `No answer from ${silent.join(', ')}: the event loop of a process that does not answer may be blocked.`,
    partial,
    inProgress.total > 0 && hidden,
  ].filter((note) => typeof note === 'string');
}

async function readCalls(
  { endpoint, options, url }: Instance,
  { service, method }: MethodName,
): Promise<Answer> {
  try {
    const found = await readDescription(
      endpoint,
      '/-/calls',
      options,
      (answer) => (isDocument(answer) ? answer : null),
      { service, method, only: 'in-progress' },
    );
    return (
      found?.value ??
      `${url} has no calls to show, because it does not run this version of thrift-metrics. Update it there.`
    );
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

/** Whether an answer has everything that is shown of it. */
function isDocument(value: unknown): value is CallsDocument {
  const document = value as Partial<CallsDocument> | null;
  if (document?.form !== CALLS_FORM) return false;
  const { processes, inProgress, hidden, partial } = document;
  return (
    Array.isArray(processes) &&
    typeof inProgress?.total === 'number' &&
    Array.isArray(inProgress.calls) &&
    inProgress.calls.every(isShownCall) &&
    [hidden, partial].every(isTextOrNull)
  );
}

function isShownCall(value: unknown): boolean {
  const { age, caller, peer, traceId, arguments: args } = value as Partial<ShownCall>;
  return typeof age === 'number' && [caller, peer, traceId, args].every(isTextOrNull);
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
