// A web server. It calls the entries service for each request.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { context, propagation, type Span, SpanKind, trace } from '@opentelemetry/api';
import { createClient, createConnection } from 'thrift';
import { instrumentClient } from 'thrift-metrics';

import * as SharedService from '../calculator/gen-nodejs/SharedService.js';
import { join, listen, nextPort } from './member.js';
import { startTracing } from './tracing.js';

const provider = startTracing('web');
const tracer = trace.getTracer('web');

const connection = createConnection('127.0.0.1', nextPort(), {});
const entries = instrumentClient(createClient(SharedService.Client, connection), {
  name: 'entries',
});

const server = createServer((request, response) => {
  // OpenTelemetry's instrumentation of HTTP would create this span. Written out, it shows that any span can be the first.
  const parent = propagation.extract(context.active(), request.headers);
  const attributes = { 'http.request.method': 'GET', 'http.route': '/entries/{key}' };
  const span = tracer.startSpan(
    'GET /entries/{key}',
    { kind: SpanKind.SERVER, attributes },
    parent,
  );
  void context
    .with(trace.setSpan(parent, span), () => answer(request, response, span))
    .finally(() => span.end());
});

async function answer(
  { url = '' }: IncomingMessage,
  response: ServerResponse,
  span: Span,
): Promise<void> {
  try {
    const { value } = await entries.getStruct(Number(url.split('/').at(-1)));
    response.end(`${value}\n`);
  } catch (error) {
    response.statusCode = (error as Error).name === 'NotFound' ? 404 : 500;
    response.end(`${(error as Error & { hint?: string }).hint ?? 'failed'}\n`);
  }
  span.setAttribute('http.response.status_code', response.statusCode);
}

void listen(server).then((port) => join({ port }, provider));
