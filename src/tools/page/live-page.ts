import type { Runtime } from '../../runtime/runtime';
import { createAsset, PageAssets, type Asset } from './assets';
import { History } from './history';
import { createDetail } from './method-detail';
import { createOverview } from './overview';
import { methodKey } from './read-methods';
import { createWindow, type Window } from './timeline';

/** Everything of the page but `/` itself is below it. */
export const PAGE_PREFIX = '/-/';

/** How often the metrics are read, in milliseconds. */
export const INTERVAL = 2000;

/** How far back what is held reaches, in seconds. */
const LONGEST_WINDOW = 900;

/** Of the time, for samples: with many workers or series they become rarer. */
const LARGEST_SHARE = 0.05;

/** One more than intervals. */
const CAPACITY = (LONGEST_WINDOW * 1000) / INTERVAL + 1;

/**
 * The live page of the metrics server: what it keeps of the last fifteen minutes, and what it answers. Keeping begins
 * when it is made and ends with `close`; the timer keeps no program alive.
 */
export class LivePage {
  private readonly beganAt = Date.now();
  private readonly assets = new PageAssets();
  private readonly history: History;
  private readonly timer: NodeJS.Timeout;
  private isSampling = false;
  /** By the monotonic clock. */
  private notBefore = 0;
  private readonly index: Asset;

  /** @param metricsPath path of the metrics endpoint */
  constructor(
    private readonly runtime: Runtime,
    metricsPath: string,
  ) {
    this.index = indexPage(metricsPath);
    this.history = new History(runtime, CAPACITY, performance.now());
    // What is declared later has counted nothing before, so that this one has to be taken now.
    this.history.sample(performance.now());
    this.timer = setInterval(() => void this.sample(), INTERVAL).unref();
  }

  /** What is at a path, or null where there is nothing. */
  answer(pathname: string, query: URLSearchParams): Asset | null {
    if (pathname === '/') return this.index;
    if (!pathname.startsWith(PAGE_PREFIX)) return null;
    const name = pathname.slice(PAGE_PREFIX.length);
    switch (name) {
      case 'overview.json':
        return json(createOverview(this.runtime, this.history, this.window(query), this.beganAt));
      case 'method.json':
        return this.method(query);
      default:
        return this.assets.read(name);
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.history.close();
  }

  /** One that takes longer than the interval is not overtaken by the next, and asking workers takes little of their time. */
  private async sample(): Promise<void> {
    const start = performance.now();
    if (this.isSampling || start < this.notBefore) return;
    this.isSampling = true;
    try {
      await this.history.sampleInSlices(() => performance.now());
    } catch (error) {
      // Out of a timer it would end the program.
      this.runtime.faults.report('page', error);
    } finally {
      this.isSampling = false;
      this.notBefore = start + (performance.now() - start) / LARGEST_SHARE;
    }
  }

  private method(query: URLSearchParams): Asset | null {
    const key = methodKey(query.get('service') ?? '', query.get('method') ?? '');
    const method = this.history.methods.get(key);
    return method === undefined
      ? null
      : json(createDetail(this.runtime, method, this.window(query), this.beganAt));
  }

  private window(query: URLSearchParams): Window {
    const seconds = wholeNumber(query.get('window')) ?? LONGEST_WINDOW;
    return createWindow(this.history.timeline, seconds, wholeNumber(query.get('until')));
  }
}

function json(value: unknown): Asset {
  return {
    contentType: 'application/json; charset=utf-8',
    body: Buffer.from(JSON.stringify(value)),
    etag: null,
  };
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The document of the live page. The rest is made by its program; without scripts it still leads to the metrics. */
export function indexPage(metricsPath: string): Asset {
  // Relative, for a proxy that serves this below a path of its own.
  const metrics = escapeHtml(metricsPath.slice(1));
  return createAsset(
    'text/html; charset=utf-8',
    Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>thrift-metrics</title>
<link rel="icon" href="./-/icon.svg">
<link rel="stylesheet" href="./-/uplot.css">
<link rel="stylesheet" href="./-/page.css">
<script type="module" src="./-/main.js"></script>
</head>
<body data-metrics="./${metrics}">
<noscript><p>The live page needs scripts. The metrics are at <a href="./${metrics}">/${metrics}</a>.</p></noscript>
</body>
</html>
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
