// `npm run api`: writes a report of the exports of each entry point to api/. With `--check`, it writes nothing and fails if
// a report differs from the one that is checked in.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ENTRY_POINTS, extractApi } from './extract-api.mjs';
import { root } from './run.mjs';

const check = process.argv.includes('--check');
const temporary = mkdtempSync(join(tmpdir(), 'thrift-metrics-api-'));
try {
  const failed = ENTRY_POINTS.filter((entryPoint) => !report(entryPoint));
  if (failed.length > 0) process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true });
}

function report(entryPoint) {
  const { succeeded, apiReportChanged } = extractApi(entryPoint, {
    report: { folder: join(root, 'api'), temporary, check },
  });
  if (check && apiReportChanged) {
    console.error(
      `api/${entryPoint}.api.md does not match what the package exports. Run: npm run api`,
    );
  }
  return succeeded;
}
