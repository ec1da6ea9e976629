import diagnosticsChannel = require('node:diagnostics_channel');
import type { Server } from 'node:net';

import { delay, runSoon } from '../metrics/clock';
import type { Runtime } from '../runtime/runtime';
import { thriftUseOf } from '../runtime/thrift-use';
import { within } from '../scrape/deadlines';
import { peerGroupOf } from '../scrape/workers/peer-group';
import { ThriftMetricsError } from '../validation/errors';

/** The diagnostics channel on which Node.js announces a server before it binds its port. */
const LISTENING = 'tracing:net.server.listen:asyncStart';

/** Milliseconds to wait until the worker that serves the metrics has closed its server. */
const CLAIM_DEADLINE = 1000;

/** How often a successor tries to open the port again. */
const RETRIES = 20;

/** Milliseconds between two attempts to open the port. */
const RETRY = 50;

/** A metrics server that listens. */
export interface OpenServer<H extends Handle = Handle> {
  readonly handle: H;
  readonly server: Server;
}

interface Handle {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
  unref(): unknown;
}

interface ListenMessage {
  readonly server?: unknown;
  readonly options?: { readonly port?: unknown } | null;
}

/**
 * The metrics server of `thrift-metrics/auto`. It opens when the program first uses Thrift, does not keep the program alive,
 * and gives way to the program: to a metrics server or handler that the program creates, whatever comes first, and to any
 * other server of the program that needs the port.
 */
export class AutomaticServer {
  private port: number | null = null;
  private isWanted = false;
  private isClaimed = false;
  private starting: Promise<OpenServer | null> | null = null;
  private opened: OpenServer | null = null;

  /** @param open opens a metrics server on a port that no other process shares */
  constructor(
    private readonly runtime: Runtime,
    private readonly open: (port: number) => Promise<OpenServer>,
  ) {
    // A worker that uses Thrift may not be the process that serves the metrics.
    peerGroupOf(runtime).endpoint = {
      serve: (port) => {
        this.prepare(port);
        this.want();
      },
      claim: () => void this.claim(),
    };
  }

  /** Opens the server at the first use of Thrift. Does nothing if it was called before. */
  prepare(port: number): void {
    if (this.port !== null || this.isClaimed) return;
    this.port = port;
    diagnosticsChannel.subscribe(LISTENING, this.observe);
    thriftUseOf(this.runtime).whenUsed(() => this.want());
  }

  /** Closes the server for good, because the program serves its metrics itself. */
  async claim(): Promise<void> {
    if (!this.isClaimed) {
      this.isClaimed = true;
      diagnosticsChannel.unsubscribe(LISTENING, this.observe);
      const claiming = peerGroupOf(this.runtime).claimServing();
      if (this.port !== null) await within(claiming, CLAIM_DEADLINE, false);
    }
    await this.stop();
  }

  private want(): void {
    if (this.isWanted) return;
    this.isWanted = true;
    // The program may be about to listen on the port itself.
    runSoon(() => {
      if (this.isClaimed) return;
      peerGroupOf(this.runtime).whileServing(
        this.port ?? 0,
        (isSuccessor) => this.start(isSuccessor ? RETRIES : 0),
        () => void this.stop(),
      );
    });
  }

  private start(retries: number): void {
    if (this.isClaimed || this.starting !== null) return;
    this.starting = this.listen(retries).catch((error: unknown) => {
      this.runtime.faults.warnOnce('auto', error);
      return null;
    });
  }

  private async listen(retries: number): Promise<OpenServer> {
    const port = this.port ?? 0;
    const opened = await this.openWithin(port, retries);
    this.opened = opened;
    opened.handle.unref();
    // With port 0, the message is the only way to learn the port.
    if (port === 0 && !this.isClaimed) console.error(`thrift-metrics: ${opened.handle.url}`);
    return opened;
  }

  /** The process that served the metrics before may not have released the port. */
  private async openWithin(port: number, retries: number): Promise<OpenServer> {
    try {
      return await this.open(port);
    } catch (error) {
      if (retries === 0 || (error as ThriftMetricsError).code !== 'TM_ERR_PORT_IN_USE') throw error;
      await delay(RETRY);
      return this.openWithin(port, retries - 1);
    }
  }

  private async stop(): Promise<void> {
    const { starting } = this;
    this.starting = null;
    const opened = await starting;
    this.opened = null;
    await opened?.handle.close();
  }

  /** Sees every server of the program before it listens. */
  private readonly observe = (message: unknown): void => {
    const { server, options } = message as ListenMessage;
    const { opened, runtime } = this;
    if (opened === null) {
      // Libraries other than `thrift` serve decorated handlers too.
      if (!runtime.families.isEmpty) thriftUseOf(runtime).note();
      return;
    }
    const { port } = opened.handle;
    if (server === opened.server || Number(options?.port) !== port) return;
    // The port is free as soon as this returns.
    void opened.handle.close();
    void this.claim();
    runtime.faults.warnOnce(
      'auto',
      new ThriftMetricsError(
        'TM_ERR_PORT_IN_USE',
        `thrift-metrics/auto: the program itself listens on port ${port}, so the metrics are no longer served there. Set THRIFT_METRICS_PORT to another port.`,
      ),
    );
  };
}
