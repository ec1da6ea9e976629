import { milliseconds, startInterval, stopInterval, wallClock } from '../../metrics/clock';
import type { Runtime } from '../../runtime/runtime';
import { createAsset, PageAssets, type Asset } from './assets';
import { History } from './history';
import { createDetail, EVERYONE, type PageReader } from './method-detail';
import { createOverview } from './overview';
import { methodKey } from './method-reader';
import type { PageMount } from './mount';
import { createWindow, sampleAt, type Window } from './timeline';

/** Milliseconds between two samples. */
export const INTERVAL = 2000;

/** Length of the history, in seconds. */
const LONGEST_WINDOW = 900;

/**
 * Fraction of the time for which sampling may hold the event loop. With many workers or series, samples become less
 * frequent. Time in which sampling waits does not count, so a busy process keeps its history.
 */
const MAX_TIME_SHARE = 0.05;

/** Answers that are computed between two samples. The page needs one or two; more only serve to keep the process busy. */
const MAX_ANSWERS = 32;

/** The answer if too many different ones were computed since the last sample. */
export const BUSY: unique symbol = Symbol('busy');

/** Number of samples: one more than intervals. */
const CAPACITY = (LONGEST_WINDOW * 1000) / INTERVAL + 1;

/**
 * The live page of the metrics server. Records the last fifteen minutes from its construction until `close`, and answers
 * the requests of the page. Its timer does not keep the process alive.
 */
export class LivePage {
  private readonly startedAt = wallClock();
  private readonly assets = new PageAssets();
  private readonly history: History;
  private readonly timer: NodeJS.Timeout;
  private isSampling = false;
  /** Time on the monotonic clock before which no sample is taken. */
  private notBefore = 0;
  /** Time on the monotonic clock at which the timer next ends. */
  private nextTick = milliseconds() + INTERVAL;
  private readonly index: Asset;
  /** The document of an endpoint that takes profiles. */
  private readonly indexWithProfiles: Asset;
  /** The answers since the latest sample, which all readers share. */
  private readonly answers = { sample: -1, byKey: new Map<string, Asset>() };

  constructor(
    private readonly runtime: Runtime,
    private readonly mount: PageMount,
  ) {
    const { exist } = this.assets;
    this.index = exist ? indexPage(mount, false) : pageIsMissing(mount);
    this.indexWithProfiles = exist ? indexPage(mount, true) : this.index;
    this.history = new History(runtime, CAPACITY, milliseconds());
    // Taken now, because calls of methods that are declared later all count, but calls up to now do not.
    this.history.sample(milliseconds());
    this.timer = startInterval(() => void this.sample(), INTERVAL).unref();
  }

  /** Whether a path belongs to the page. */
  isAt(pathname: string): boolean {
    return this.mount.nameAt(pathname) !== null;
  }

  /** Returns the content at a path, null if there is none, or {@link BUSY}. */
  answer(
    pathname: string,
    query: URLSearchParams,
    reader: PageReader = EVERYONE,
  ): Asset | typeof BUSY | null {
    const name = this.mount.nameAt(pathname);
    switch (name) {
      case 'overview.json':
        return this.overview(query);
      case 'method.json':
        return this.method(query, reader);
      default:
        return this.answerWithoutFigures(pathname, reader.hasProfiles);
    }
  }

  /** Returns the document or a file at a path, which contain no figures, or null. */
  answerWithoutFigures(pathname: string, hasProfiles = false): Asset | null {
    const name = this.mount.nameAt(pathname);
    if (name === null) return null;
    if (name === '') return hasProfiles ? this.indexWithProfiles : this.index;
    return this.assets.read(name);
  }

  close(): void {
    stopInterval(this.timer);
    this.history.close();
  }

  /** Takes a sample, unless the previous one is still running or the time for samples is used up. */
  private async sample(): Promise<void> {
    const start = milliseconds();
    this.nextTick = start + INTERVAL;
    if (this.isSampling || start < this.notBefore) return;
    this.isSampling = true;
    let held = 0;
    try {
      held = await this.history.sampleInSlices(milliseconds);
    } catch (error) {
      // An error that leaves a timer would end the process.
      this.runtime.faults.report('page', error);
    } finally {
      this.isSampling = false;
      this.notBefore = start + held / MAX_TIME_SHARE;
    }
  }

  /** Milliseconds. 0 if a sample is due or being taken. */
  private untilNextSample(): number {
    if (this.isSampling) return 0;
    return Math.max(0, Math.max(this.nextTick, this.notBefore) - milliseconds());
  }

  private overview(query: URLSearchParams): Asset | typeof BUSY {
    const window = this.window(query);
    return this.share('', window, () =>
      createOverview(this.runtime, this.history, window, this.startedAt),
    );
  }

  private method(query: URLSearchParams, reader: PageReader): Asset | typeof BUSY | null {
    const key = methodKey(query.get('service') ?? '', query.get('method') ?? '');
    const method = this.history.methods.get(key);
    if (method === undefined) return null;
    const window = this.window(query);
    // Readers who see different things do not share an answer, nor do those before and after details are switched off.
    const { isOn } = this.runtime.errors;
    const name = `${key} ${reader.seesDetails} ${isOn} ${reader.dashboardUrl}`;
    return this.share(name, window, () =>
      createDetail(this.runtime, method, this.history, window, this.startedAt, reader),
    );
  }

  /** Computes an answer, unless it was computed since the latest sample. */
  private share(name: string, { from, to }: Window, compute: () => unknown): Asset | typeof BUSY {
    const { answers } = this;
    const { newest } = this.history.timeline;
    if (answers.sample !== newest) {
      answers.sample = newest;
      answers.byKey.clear();
    }
    const key = `${from}-${to} ${name}`;
    let answer = answers.byKey.get(key);
    if (answer === undefined) {
      if (answers.byKey.size >= MAX_ANSWERS) return BUSY;
      answer = json(compute(), () => this.untilNextSample());
      answers.byKey.set(key, answer);
    }
    return answer;
  }

  private window(query: URLSearchParams): Window {
    const seconds = wholeNumber(query.get('window')) ?? LONGEST_WINDOW;
    const { timeline } = this.history;
    const at = wholeNumber(query.get('at'));
    const until = at === null ? wholeNumber(query.get('until')) : sampleAt(timeline, at);
    return createWindow(timeline, seconds, until);
  }
}

function json(value: unknown, untilNewer: () => number): Asset {
  return {
    kind: 'figures',
    contentType: 'application/json; charset=utf-8',
    body: Buffer.from(JSON.stringify(value)),
    etag: null,
    untilNewer,
  };
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The HTML document of the live page. A script creates its content; without scripts it links to the metrics. */
function indexPage(mount: PageMount, hasProfiles: boolean): Asset {
  const files = escapeHtml(mount.files);
  const metrics = escapeHtml(mount.metrics);
  return createAsset(
    'document',
    'text/html; charset=utf-8',
    Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>thrift-metrics</title>
<link rel="icon" href="${files}icon.svg">
<link rel="stylesheet" href="${files}uplot.css">
<link rel="stylesheet" href="${files}page.css">
<script type="module" src="${files}main.js"></script>
</head>
<body data-files="${files}" data-metrics="${metrics}"${hasProfiles ? ' data-profiles' : ''}>
<noscript><p>The live page needs JavaScript. See the <a href="${metrics}">metrics</a>.</p></noscript>
</body>
</html>
`),
  );
}

/** Stands in for the page in a bundled program. */
export function pageIsMissing({ metrics }: Pick<PageMount, 'metrics'>): Asset {
  return createAsset(
    'document',
    'text/plain; charset=utf-8',
    Buffer.from(`The metrics are at ${metrics.replace(/^\.\//, '/')}.

The live page of thrift-metrics is not available in this program, because its files are not in the bundle.
To get it, install thrift-metrics beside the bundle and tell the bundler to leave it out ("external").
`),
  );
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
