import { renderWithin, type RenderedMetrics } from '../exposition/render-metrics';
import { negotiateFormat } from '../exposition/format';
import { compress, SMALLEST_COMPRESSED, type Encoding } from './compression';

export interface Scrape extends RenderedMetrics {
  readonly encoding: Encoding;
}

/** Scrapes that are under way, so that readers who come at the same time share one render and one compression. */
export class SharedScrapes {
  private readonly renders = new Map<string, Promise<RenderedMetrics>>();
  private readonly scrapes = new Map<string, Promise<Scrape>>();

  async scrape(
    accept: string | undefined,
    names: readonly string[] | undefined,
    encoding: Encoding,
    deadline: number | undefined,
  ): Promise<Scrape> {
    const format = negotiateFormat(accept);
    // Who waits longer does not share with one for whom slow metrics are left out sooner.
    const content = JSON.stringify([format, names?.toSorted() ?? null, deadline ?? null]);
    return share(this.scrapes, `${encoding} ${content}`, async () => {
      const rendered = await share(this.renders, content, () =>
        renderWithin(deadline, { accept, names }),
      );
      const { contentType, body } = rendered;
      if (encoding === 'identity' || body.length < SMALLEST_COMPRESSED) {
        return { contentType, body, encoding: 'identity' };
      }
      return { contentType, body: await compress(body, encoding), encoding };
    });
  }
}

function share<T>(
  running: Map<string, Promise<T>>,
  key: string,
  start: () => Promise<T>,
): Promise<T> {
  let found = running.get(key);
  if (found === undefined) {
    found = start().finally(() => running.delete(key));
    running.set(key, found);
  }
  return found;
}
