import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { configureMetrics, instrumentHandler } from 'thrift-metrics';

const codes = [];
configureMetrics({ defaultLabels: { env: 'prod' }, onError: ({ code }) => codes.push(code) });
const handler = instrumentHandler({ add: async () => 1 }, { service: 'Calculator' });

class AppModule {}
const settings = { defaultLabels: { app: 'shop' }, defaultMetrics: { enabled: true } };
Module({ imports: [PrometheusModule.registerAsync({ useFactory: () => settings })] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
await handler.add();
const response = await fetch(`${await app.getUrl()}/metrics`);
const body = await response.text();
const [, labels = ''] = /^thrift_server_requests_total\{(.*)\} 1$/m.exec(body) ?? [];
console.log(
  JSON.stringify({
    statusCode: response.status,
    labels: labels.split(',').sort(),
    hasProcess: body.includes('process_cpu_user_seconds_total{app="shop"'),
    codes,
  }),
);
await app.close();
