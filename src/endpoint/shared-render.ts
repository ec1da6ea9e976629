import type { Runtime } from '../runtime/runtime';
import type { Format } from '../scrape/negotiate';
import { renderWithin } from '../scrape/render';
import type { Sink } from '../scrape/writer';
import { Compressor, SMALLEST_COMPRESSED, type Encoding } from './compression';
import type { BodyMemory } from './response-body';
import { ResponseBody } from './response-body';

/** What a reader requests. Readers that request the same share a render that has not begun. */
export interface ScrapeRequest {
  readonly format: Format;
  /** The Accept header that led to the format. */
  readonly accept: string | undefined;
  readonly encoding: Encoding;
  /** Names of metrics in the registry, sorted, or undefined for all. */
  readonly names: readonly string[] | undefined;
  /** Milliseconds that a user's metric may take. */
  readonly deadline: number | undefined;
}

/** A render in the encoding in which it is sent. */
export interface Scrape {
  readonly contentType: string;
  readonly encoding: Encoding;
  readonly body: ResponseBody;
}

/** Stops a render that has no readers any more. */
class Abandoned extends Error {}

/** One render, from its first request until its last reader has left. */
export class SharedRender {
  readonly body: ResponseBody;
  /** Resolves when the body is complete. */
  readonly scrape: Promise<Scrape>;
  private readers = 0;
  private isRunning = false;
  private resolve!: (scrape: PromiseLike<Scrape>) => void;
  private reject!: (error: Error) => void;

  /**
   * @param waitForMemory resolves when the render may add to its body
   * @param onAbandoned called when the last reader leaves
   */
  constructor(
    readonly request: ScrapeRequest,
    memory: BodyMemory,
    private readonly waitForMemory: (render: SharedRender) => Promise<void>,
    private readonly onAbandoned: (render: SharedRender) => void,
  ) {
    this.body = new ResponseBody(memory);
    this.scrape = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Without readers, no code handles a rejection.
    this.scrape.catch(() => {});
  }

  get isAbandoned(): boolean {
    return this.readers === 0;
  }

  /** Adds a reader. The returned function removes it, and can be called again. */
  addReader(): () => void {
    this.readers++;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      if (--this.readers > 0) return;
      // A running render still writes to its body, which it frees when it stops.
      if (!this.isRunning) {
        this.body.freeMemory();
        this.reject(new Abandoned('The render has no readers.'));
      }
      this.onAbandoned(this);
    };
  }

  /** Renders the body. Never rejects: a failure is passed on to the readers. */
  async run(runtime: Runtime): Promise<void> {
    this.isRunning = true;
    const rendering = this.render(runtime);
    this.resolve(rendering);
    await rendering.catch(() => this.body.freeMemory());
    this.isRunning = false;
    if (this.isAbandoned) this.body.freeMemory();
  }

  private async render(runtime: Runtime): Promise<Scrape> {
    const { accept, names, encoding, deadline } = this.request;
    const options = { accept, names };
    const { body } = this;
    if (encoding === 'identity') {
      const sink: Sink = {
        write: async (chunk) => {
          await this.mayContinue();
          body.append(chunk);
        },
      };
      const { contentType, body: rest } = await renderWithin(runtime, deadline, options, sink);
      await this.mayContinue();
      body.append(rest);
      return { contentType, body, encoding };
    }
    const compressor = new Compressor(encoding, (compressed) => body.append(compressed));
    try {
      const sink: Sink = {
        write: async (chunk) => {
          await this.mayContinue();
          await compressor.write(chunk);
        },
      };
      const { contentType, body: rest } = await renderWithin(runtime, deadline, options, sink);
      await this.mayContinue();
      if (compressor.isEmpty && rest.length < SMALLEST_COMPRESSED) {
        body.append(rest);
        return { contentType, body, encoding: 'identity' };
      }
      await compressor.end(rest);
      return { contentType, body, encoding };
    } finally {
      compressor.close();
    }
  }

  private async mayContinue(): Promise<void> {
    if (!this.isAbandoned) await this.waitForMemory(this);
    if (this.isAbandoned) throw new Abandoned('The render has no readers.');
  }
}
