import { propagation, SpanKind } from '@opentelemetry/api';
import { Registry } from 'prom-client';
import { beforeAll, expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  instrumentHandler,
  instrumentService,
} from '../../src/index';
import { enableTracing } from '../../src/opentelemetry';
import { thrift } from '../support/start-thrift';
import { Answers, Library } from '../thrift/client/library';
import { clientOf, startTcp } from '../thrift/client/transports';
import { collectSpans } from './collect-spans';

thrift.setLogFunc?.(() => {});
const spans = collectSpans();
const sites: string[] = [];

beforeAll(() => {
  configureMetrics({ registry: new Registry(), onError: (_error, site) => void sites.push(site) });
  propagation.disable();
  propagation.setGlobalPropagator({
    inject: (_context, carrier, setter) => setter.set(carrier, 'tenant', 'acme'),
    extract: () => {
      throw new Error('not this tenant');
    },
    fields: () => ['tenant'],
  });
});

test('a handler whose context a propagator cannot read has a span of its own, and the fault is reported', async () => {
  onTestFinished(enableTracing());
  const { connect } = await startTcp(
    instrumentService(Library),
    instrumentHandler(new Answers(), { service: 'Library' }),
  );
  const client = instrumentClient(clientOf(connect(), Library));
  expect(await client['twice']?.(21)).toBe(42);
  expect(spans.named('Library/twice', SpanKind.SERVER).parentSpanContext).toBeUndefined();
  expect(sites).toEqual(['tracing']);
});
