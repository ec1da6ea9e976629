import { delay, milliseconds } from '../metrics/clock';
import { definePart, type Runtime } from '../runtime/runtime';
import { LATE, within } from '../scrape/deadlines';
import { BodyMemory } from './response-body';
import { SharedRender, type ScrapeRequest } from './shared-render';

/** Renders at the same time. One that waits for a slow user's metric does not hold up the others. */
const MAX_RUNNING = 4;

/** Milliseconds for which a render waits for another of the same, which a slow user's metric may hold up for longer. */
const PATIENCE = 1000;

/** Renders that wait for their turn. Further ones are refused. */
const MAX_WAITING = 64;

/** As {@link MAX_WAITING}, for renders of selected metrics, of which a reader can request any number. */
const MAX_WAITING_SELECTED = 16;

/** Bytes of bodies beyond which only one render continues, for whose body slow readers are disconnected. */
const MAX_HELD = 6 * 2 ** 20;

/** Bytes of free chunks that are kept. */
const MAX_FREE = 16 * 2 ** 20;

/** Milliseconds for which a reader is not disconnected, even if its memory is needed. */
const GRACE = 1000;

/** Milliseconds between two attempts to free memory. */
const RETRY = 100;

/** A response that is being sent. */
export interface Sending {
  /** Bytes that the connection has taken so far. */
  sent: number;
  readonly startedAt: number;
  disconnect(): void;
}

/** A reader's share in a render. */
export interface SharedScrape {
  readonly scrape: SharedRender['scrape'];
  /** Ends the share. Can be called again. */
  leave(): void;
}

/**
 * The renders of all endpoints of the program. Readers that request the same share a render that has not begun; one that has
 * may miss what has happened since. The number of renders and the memory of their bodies are bounded.
 */
export class SharedScrapes {
  private readonly running = new Set<SharedRender>();
  /** The renders that wait, by what they render, in the order in which they were requested. */
  private readonly waiting = new Map<string, SharedRender>();
  /** What is being rendered, so that the next render of it waits. */
  private readonly held = new Set<string>();
  private readonly memory = new BodyMemory(MAX_FREE);
  private readonly sendings = new Set<Sending>();
  /** The only render that may exceed {@link MAX_HELD}, so that a body of any size can be completed. */
  private grower: SharedRender | null = null;

  constructor(private readonly runtime: Runtime) {}

  /** Returns null if too many renders wait already. */
  join(request: ScrapeRequest): SharedScrape | null {
    const { format, encoding, names, deadline } = request;
    // Readers with different deadlines do not share, because a short one leaves slow metrics out.
    const key = JSON.stringify([encoding, format, names ?? null, deadline ?? null]);
    let render = this.waiting.get(key);
    if (render === undefined) {
      if (!this.hasPlace(request)) return null;
      render = new SharedRender(
        request,
        this.memory,
        (each) => this.waitForMemory(each),
        (each) => this.forget(key, each),
      );
      this.waiting.set(key, render);
    }
    const { scrape } = render;
    const leave = render.addReader();
    this.startWaiting();
    return { scrape, leave };
  }

  /** Registers a response that is being sent, until the returned function is called. */
  beginSending(disconnect: () => void): Sending & { end(): void } {
    const end = (): void => void this.sendings.delete(sending);
    const sending: Sending & { end(): void } = {
      sent: 0,
      startedAt: milliseconds(),
      disconnect: () => {
        end();
        disconnect();
      },
      end,
    };
    this.sendings.add(sending);
    return sending;
  }

  private hasPlace({ names }: ScrapeRequest): boolean {
    const { waiting } = this;
    if (names === undefined) return waiting.size < MAX_WAITING + MAX_WAITING_SELECTED;
    return [...waiting.values()].filter(isSelected).length < MAX_WAITING_SELECTED;
  }

  private startWaiting(): void {
    const { waiting } = this;
    while (this.running.size < MAX_RUNNING) {
      const ready = [...waiting].filter(([key]) => !this.held.has(key));
      // Complete scrapes go first, so that many requests for selected metrics do not hold up Prometheus.
      const next = ready.find(([, render]) => !isSelected(render)) ?? ready[0];
      if (next === undefined) return;
      waiting.delete(next[0]);
      void this.run(...next);
    }
  }

  private async run(key: string, render: SharedRender): Promise<void> {
    this.running.add(render);
    this.held.add(key);
    const ended = render.run(this.runtime);
    const isLate = (await within(ended, PATIENCE, false)) === LATE;
    this.held.delete(key);
    if (isLate) {
      this.startWaiting();
      await ended;
    }
    this.running.delete(render);
    if (this.grower === render) this.grower = null;
    this.startWaiting();
  }

  /** Called when a render has lost its last reader. */
  private forget(key: string, render: SharedRender): void {
    if (this.waiting.get(key) === render) this.waiting.delete(key);
  }

  /** Resolves when a render may add to its body, or has no readers any more. */
  private async waitForMemory(render: SharedRender): Promise<void> {
    while (!render.isAbandoned && !this.hasMemory(render)) {
      const slowest = this.grower === render ? this.slowestReader() : null;
      slowest?.disconnect();
      // oxlint-disable-next-line no-await-in-loop -- the loop continues when there may be memory
      await delay(slowest === null ? RETRY : RETRY / 10);
    }
  }

  private hasMemory(render: SharedRender): boolean {
    const { held } = this.memory;
    if (held <= MAX_HELD) return true;
    this.grower ??= render;
    if (this.grower !== render) return false;
    // The incomplete bodies of other renders wait for this one, so it must not wait for them.
    let incomplete = 0;
    for (const { body } of this.running) incomplete += body.held;
    return held - incomplete <= MAX_HELD;
  }

  private slowestReader(): Sending | null {
    const now = milliseconds();
    let slowest: Sending | null = null;
    let lowest = Infinity;
    for (const sending of this.sendings) {
      const elapsed = now - sending.startedAt;
      const rate = sending.sent / elapsed;
      if (elapsed >= GRACE && rate < lowest) {
        slowest = sending;
        lowest = rate;
      }
    }
    return slowest;
  }
}

function isSelected({ request }: SharedRender): boolean {
  return request.names !== undefined;
}

/** The renders of a runtime, which all its endpoints share. */
export const sharedScrapesOf = definePart(
  'endpoint.scrapes',
  (runtime) => new SharedScrapes(runtime),
);
