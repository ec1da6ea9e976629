import { beforeAll, describe, expect, test } from 'vitest';

import { TIMEOUT, type Consumer } from '../consumer';
import { outputOf } from '../run';
import { valueOf } from '../value-of';

interface Output {
  found: string;
  sameError: boolean;
  thriftLoaded: boolean;
  sameRender: boolean;
  metadata: string;
  rules: string;
  text: string;
}

export function checkCommonJs({ install, nodes }: Consumer): void {
  let project: string;
  beforeAll(async () => {
    project = await install('commonjs');
  }, TIMEOUT);

  describe.each(nodes)('a CommonJS project on Node.js $version', ({ program }) => {
    let output: Output;
    beforeAll(async () => {
      output = JSON.parse(await outputOf(program, ['main.js'], project)) as Output;
    });

    test('a class compiled by TypeScript with experimentalDecorators is measured', () => {
      expect(output.found).toBe('found known');
      expect(output.metadata).toBe('Promise');
      const find = { thrift_service: 'Lookup', thrift_method: 'find' };
      expect(valueOf(output.text, 'thrift_server_requests_total', find)).toBe(1);
      const success = { ...find, thrift_success: 'true' };
      expect(valueOf(output.text, 'thrift_server_latency_seconds_count', success)).toBe(1);
    });

    test('instrumentHandler measures a plain object and leaves its errors unchanged', () => {
      expect(output.sameError).toBe(true);
      const errors = { thrift_service: 'Plain', thrift_exception_type: 'NotFound' };
      expect(valueOf(output.text, 'thrift_server_errors_total', errors)).toBe(1);
    });

    test('the package does not load thrift, which is an optional peer', () =>
      expect(output.thriftLoaded).toBe(false));

    test('thrift-metrics/dashboards builds rules for the metrics that the main entry declares', () =>
      expect(output.rules).toContain('thrift_server_requests_total'));

    test('import gives the same functions as require', () => expect(output.sameRender).toBe(true));
  });
}
