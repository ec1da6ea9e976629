import { CALLS_FORM, type CallsDocument, type ShownCall } from '../../calls/calls-document';
import { request } from '../http-request';
import { printable, renderTable } from '../output';
import { METRICS_SERVER } from '../request-failure';
import { showSeconds } from './cell-text';
import type { Instance } from './instance';
import type { MethodRow } from './method-rows';
import { nameOf } from './top-order';

const PATH = '/-/calls';

/** The most calls that are listed. */
const MOST_CALLS = 10;

type MethodName = Pick<MethodRow, 'service' | 'method' | 'isClient'>;

/** The calls in progress of the method that is open. */
export class MethodCalls {
  /** Name of the method that was asked for last. */
  private of: string | null = null;
  private total = 0;
  private calls: readonly ShownCall[] = [];
  /** Instances that did not answer with calls. */
  private silent: readonly string[] = [];
  private isRead = false;

  /** Asks all instances for the calls of a method. Resolves to whether there is something new to show. */
  async refresh(opened: MethodName | undefined, instances: readonly Instance[]): Promise<boolean> {
    // A client has no calls of handlers.
    if (opened === undefined || opened.isClient) {
      this.of = null;
      return false;
    }
    const name = nameOf(opened);
    if (this.of !== name) {
      this.of = name;
      this.isRead = false;
    }
    const answers = await Promise.all(
      instances.map(async (instance) => ({ instance, answer: await readCalls(instance, opened) })),
    );
    // Another method may have been opened meanwhile.
    if (this.of !== name) return false;
    const found = answers.flatMap(({ answer }) => answer ?? []);
    this.isRead = true;
    this.total = found.reduce((sum, { inProgress }) => sum + inProgress.total, 0);
    this.calls = found
      .flatMap(({ inProgress }) => inProgress.calls)
      .toSorted((a, b) => b.age - a.age);
    this.silent = answers
      .filter(({ answer, instance }) => answer === null && instance.error === null)
      .map(({ instance }) => instance.url);
    return true;
  }

  lines(columns: number): string[] {
    if (!this.isRead) return [];
    const silent = this.silent.map(
      (url) => `${url} has no calls to show: it needs this version of thrift-metrics.`,
    );
    const lines = [...this.callLines(), ...silent];
    return ['', ...lines.map((line) => line.slice(0, columns))];
  }

  private callLines(): string[] {
    if (this.calls.length === 0) {
      return this.silent.length === 0 ? ['No call is in progress.'] : [];
    }
    const shown = this.calls.slice(0, MOST_CALLS);
    const others = this.total - shown.length;
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
        shown.map(({ age, caller, peer, pid, traceId, arguments: args }) => [
          showSeconds(age),
          printable(caller ?? '-'),
          printable(peer ?? '-'),
          String(pid ?? '-'),
          printable(traceId ?? '-'),
          printable(args ?? '-'),
        ]),
      ),
      ...(others > 0 ? [`and ${others} more in progress`] : []),
    ];
  }
}

/** Returns null if the instance has no calls. `metricsHandler` has them below its own path. */
async function readCalls(
  { endpoint, options }: Instance,
  { service, method }: MethodName,
): Promise<CallsDocument | null> {
  const query = new URLSearchParams({ service, method, only: 'in-progress' });
  for (const path of [PATH, `${endpoint.pathname.replace(/\/+$/, '')}${PATH}`]) {
    const url = new URL(endpoint);
    url.pathname = path;
    url.search = String(query);
    try {
      // oxlint-disable-next-line no-await-in-loop -- the second address is only tried if the first has none
      const { text } = await request(url, options, {
        server: METRICS_SERVER,
        accept: 'application/json',
        refuse: ({ statusCode }) => (statusCode === 200 ? null : `status ${statusCode}`),
      });
      const document = JSON.parse(text) as Partial<CallsDocument> | null;
      if (document?.form === CALLS_FORM) return document as CallsDocument;
    } catch {
      // It has no calls there, whatever it answers. The scrape says if it is down.
    }
  }
  return null;
}
