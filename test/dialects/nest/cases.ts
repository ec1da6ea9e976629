import assert from 'node:assert/strict';

import { Module, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';

import { read, type Case } from '../cases/kit.js';
import { Guarded, InstrumentedAbove, InstrumentedBelow, Store } from './guarded.js';

@Module({ providers: [Store, Guarded, InstrumentedAbove, InstrumentedBelow] })
class AppModule {}

const REQUESTS = 'thrift_server_requests_total';

async function withApplication(
  use: (application: INestApplicationContext) => unknown,
): Promise<void> {
  const application = await NestFactory.createApplicationContext(AppModule, { logger: false });
  try {
    await use(application);
  } finally {
    await application.close();
  }
}

const requestsOf = (service: string, method: string) =>
  read(REQUESTS, { thrift_service: service, thrift_method: method });

const classes = [InstrumentedAbove, InstrumentedBelow] as const;

export const cases: Case[] = [
  ...(['above', 'between', 'below', 'composed'] as const).map((method): Case => ({
    name: `NestJS: a method with metadata (${method}) keeps its dependency and metadata and is counted`,
    run: () =>
      withApplication(async (application) => {
        const before = (await requestsOf('Guarded', method)) ?? 0;
        const guarded = application.get(Guarded);
        assert.equal(guarded[method]('key'), 'read key');
        assert.equal(application.get(Reflector).get('role', guarded[method]), method);
        assert.equal(await requestsOf('Guarded', method), before + 1);
      }),
  })),
  ...classes.map((Handler: Type<InstrumentedAbove | InstrumentedBelow>): Case => ({
    name: `NestJS: a class that is ${Handler.name} keeps its dependency and metadata and is counted`,
    run: () =>
      withApplication(async (application) => {
        const handler = application.get(Handler);
        assert.ok(handler instanceof Handler);
        assert.equal(handler.read('key'), 'read key');
        assert.equal(application.get(Reflector).get('role', Handler.prototype.read), 'class');
        assert.equal(await requestsOf(Handler.name, 'read'), 1);
        assert.deepEqual(Reflect.getMetadata('design:paramtypes', Handler), [Store]);
        assert.deepEqual(Reflect.getMetadata('design:paramtypes', Handler.prototype, 'read'), [
          String,
        ]);
      }),
  })),
];
