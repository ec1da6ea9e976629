// Node.js prints the source line of an uncaught error, so the published code must have short lines.
import { beforeAll, describe, expect, test } from 'vitest';

import { TIMEOUT } from './consumer';
import { packedPackage } from './projects';
import { run } from './run';

const thePackage = packedPackage();

describe('an uncaught mistake prints less than 2,000 bytes and its message', () => {
  let project: string;
  beforeAll(async () => {
    project = await thePackage.install('mistakes');
  }, TIMEOUT);

  test.each([
    [
      'a port in use',
      'port-in-use.js',
      'TM_ERR_PORT_IN_USE',
      /^ThriftMetricsError: .*\bport \d+ /m,
    ],
    [
      'an unknown option',
      'unknown-option.js',
      'TM_ERR_OPTION_UNKNOWN',
      /^ThriftMetricsError: .*\bdefaultLabel\b/m,
    ],
    [
      'a bad label name',
      'bad-label-name.js',
      'TM_ERR_LABEL_NAME',
      /^ThriftMetricsError: .*\bcache-tier\b/m,
    ],
    [
      'a duplicate decorator',
      'duplicate-decorator.js',
      'TM_ERR_DECLARED_TWICE',
      /^ThriftMetricsError: .*\bthrift_server_requests_total\b/m,
    ],
    [
      'a latency bound of an objective that is not a bucket',
      'bad-objective-bound.js',
      'TM_ERR_OBJECTIVE',
      /^ThriftMetricsError: .*\b0\.3\b/m,
    ],
    [
      'a metric name that the registry already has',
      'name-taken.js',
      'TM_ERR_NAME_TAKEN',
      /^ThriftMetricsError: .*\bthrift_server_requests_total\b/m,
    ],
  ])('%s', async (_mistake, program, code, message) => {
    const ended = await run(process.execPath, [program], project);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toContain(`code: '${code}'`);
    expect(Buffer.byteLength(ended.stderr)).toBeLessThan(2000);
  });
});
