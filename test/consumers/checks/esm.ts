import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { TIMEOUT, type Consumer } from '../consumer';
import { outputOf } from '../run';
import { valueOf } from '../value-of';

interface Output {
  sameDecorator: boolean;
  names: string[];
  text: string;
  requiredText: string;
  registryText: string;
  page: [file: string, status: number][];
  sameDashboards: boolean;
  dashboard: string;
}

export function checkEsm({ install, nodes }: Consumer): void {
  let project: string;
  beforeAll(async () => {
    project = await install('esm');
  }, TIMEOUT);

  describe.each(nodes)('an ESM project on Node.js $version', ({ program }) => {
    let output: Output;
    beforeAll(async () => {
      output = JSON.parse(await outputOf(program, ['main.js'], project)) as Output;
    });

    test('the installed command lists the handler of the project', async () => {
      const command = join(project, 'node_modules/.bin/thrift-metrics');
      const args = [command, 'list', '--json', './handler.js'];
      expect(JSON.parse(await outputOf(program, args, project))).toMatchObject([
        { service: 'Lookup', method: 'find' },
      ]);
    });

    test('import provides every name that require provides', () =>
      expect(output.names).toEqual([]));

    test('import and require share one state', () => {
      expect(output.sameDecorator).toBe(true);
      const find = { thrift_service: 'Lookup', thrift_method: 'find' };
      for (const text of [output.text, output.requiredText, output.registryText]) {
        expect(valueOf(text, 'thrift_server_requests_total', find)).toBe(2);
      }
    });

    test('the metrics server serves the live page and the charts of another package', () => {
      expect(output.page).toEqual([
        ['', 200],
        ['-/main.js', 200],
        ['-/page.css', 200],
        ['-/uplot.js', 200],
        ['-/uplot.css', 200],
      ]);
    });

    test('a Thrift exception counts as declared', () => {
      const errors = {
        thrift_service: 'Lookup',
        thrift_exception_type: 'NotFound',
        thrift_exception_kind: 'declared',
      };
      expect(valueOf(output.text, 'thrift_server_errors_total', errors)).toBe(2);
    });

    test('thrift-metrics/dashboards builds a dashboard of the metrics that the main entry declares', () => {
      expect(output.sameDashboards).toBe(true);
      expect(output.dashboard).toContain('thrift_server_requests_total');
    });
  });
}
