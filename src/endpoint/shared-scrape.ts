import type { Runtime } from '../runtime/runtime';
import { renderWithin, type RenderedMetrics } from '../scrape/render';
import { negotiateFormat } from '../scrape/negotiate';
import { Compressor, SMALLEST_COMPRESSED, type Encoding } from './compression';

/** A render in the encoding in which it is sent. */
export interface Scrape extends RenderedMetrics {
  readonly encoding: Encoding;
}

/** The scrapes in progress. Readers that request the same at the same time share one. */
export class SharedScrapes {
  private readonly running = new Map<string, Promise<Scrape>>();

  constructor(private readonly runtime: Runtime) {}

  /** Renders the metrics. A user's metric may take `deadline` milliseconds. */
  scrape(
    accept: string | undefined,
    names: readonly string[] | undefined,
    encoding: Encoding,
    deadline: number | undefined,
  ): Promise<Scrape> {
    // Readers with different deadlines do not share, because a short one leaves slow metrics out.
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
  if (encoding === 'identity') {
    return { ...(await renderWithin(runtime, deadline, options)), encoding };
  }
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
