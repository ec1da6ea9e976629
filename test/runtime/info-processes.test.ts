import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { Workers } from '../scrape/workers/start-workers';

const versionOf = (path: string): string =>
  (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
const PACKAGE = versionOf('package.json');
const THRIFT = versionOf('node_modules/thrift/package.json');
const NODE = process.versions.node;

const linesOf = (body: Buffer | string): string[] =>
  body
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('thrift_metrics_info'));
const infoOf = (thrift: string): string =>
  `thrift_metrics_info{node_version="${NODE}",thrift_version="${thrift}",version="${PACKAGE}"} 1`;

test('the version of thrift is empty until the program loads it', async () => {
  const program = `
    const { Instrumented, renderMetrics } = require('./dist/index.js');
    class H { run() {} }
    Instrumented({ service: 'S' })(H);
    const show = async () =>
      console.log((await renderMetrics({ names: ['thrift_metrics_info'] })).body.toString());
    show().then(() => require('thrift')).then(show);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
  expect(linesOf(stdout)).toEqual([infoOf(''), infoOf(THRIFT)]);
});

test('the info metric stays 1 in the sum of workers', async () => {
  const workers = new Workers('cluster');
  try {
    await workers.fork(2);
    const declare = { counted: {} };
    await workers.tell({ to: 0, declare });
    await workers.tell({ to: 1, declare });
    const { body } = await workers.scrape('text/plain');
    expect(linesOf(body)).toEqual([infoOf('').replace('}', ',env="test"}')]);
  } finally {
    await workers.stop();
  }
});
