import type { Runtime } from '../runtime/runtime';
import { renderWithin, type RenderedMetrics } from '../scrape/render';
import { negotiateFormat } from '../scrape/negotiate';
import { Compressor, SMALLEST_COMPRESSED, type Encoding } from './compression';

export interface Scrape extends RenderedMetrics {
  readonly encoding: Encoding;
}

/** Scrapes that are under way, so that readers who come at the same time and ask for the same share one. */
export class SharedScrapes {
  private readonly running = new Map<string, Promise<Scrape>>();

  constructor(private readonly runtime: Runtime) {}

  scrape(
    accept: string | undefined,
    names: readonly string[] | undefined,
    encoding: Encoding,
    deadline: number | undefined,
  ): Promise<Scrape> {
    // Who waits longer does not share with one for whom slow metrics are left out sooner.
    const key = JSON.stringify([
      encoding,
      negotiateFormat(accept),
      names?.toSorted() ?? null,
      deadline ?? null,
    ]);
    let scrape = this.running.get(key);
    if (scrape === undefined) {
      scrape = scrapeOnce(this.runtime, accept, names, encoding, deadline).finally(() =>
        this.running.delete(key),
      );
      this.running.set(key, scrape);
    }
    return scrape;
  }
}

async function scrapeOnce(
  runtime: Runtime,
  accept: string | undefined,
  names: readonly string[] | undefined,
  encoding: Encoding,
  deadline: number | undefined,
): Promise<Scrape> {
  const options = { accept, names };
  if (encoding === 'identity')
    return { ...(await renderWithin(runtime, deadline, options)), encoding };
  const compressor = new Compressor(encoding);
  try {
    const { contentType, body: rest } = await renderWithin(runtime, deadline, options, compressor);
    if (compressor.isEmpty && rest.length < SMALLEST_COMPRESSED) {
      return { contentType, body: rest, encoding: 'identity' };
    }
    return { contentType, body: await compressor.end(rest), encoding };
  } finally {
    compressor.close();
  }
}
