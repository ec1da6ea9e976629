import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import { listen } from './member.js';

/** A span as OTLP's JSON has it, with the name of its service. */
export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty or undefined for the first span of a trace. */
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly {
        readonly key: string;
        readonly value: { readonly stringValue?: string };
      }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<CollectedSpan, 'service'>[] }[];
  }[];
}

/** Receives spans by OTLP over HTTP, as Jaeger and Tempo do, and keeps them. */
export class Collector {
  readonly spans: CollectedSpan[] = [];
  private readonly server = createServer((request, response) => {
    void this.receive(request)
      .catch((error: unknown) => {
        console.error(error);
        response.statusCode = 500;
      })
      .finally(() => response.setHeader('content-type', 'application/json').end('{}'));
  });

  /** @param forwardTo address of another collector, which gets the same spans */
  constructor(private readonly forwardTo: string | undefined) {}

  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listen(this.server)}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async receive(request: IncomingMessage): Promise<void> {
    const body = await text(request);
    for (const { resource, scopeSpans } of (JSON.parse(body) as Exported).resourceSpans) {
      const name = resource.attributes.find(({ key }) => key === 'service.name');
      const service = name?.value.stringValue ?? 'unknown';
      for (const span of scopeSpans.flatMap(({ spans }) => spans))
        this.spans.push({ ...span, service });
    }
    if (this.forwardTo === undefined) return;
    const headers = { 'content-type': 'application/json' };
    const forwarded = await fetch(`${this.forwardTo}/v1/traces`, { method: 'POST', headers, body });
    if (!forwarded.ok) throw new Error(`${this.forwardTo} answered ${forwarded.status}`);
  }
}
