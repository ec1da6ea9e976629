// `npm run api`: writes what each entry point exports, as its declarations say, to api/. With `--check`, nothing is
// written, and a report that differs from the one that is checked in is an error.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

import { root } from './run.mjs';

const ENTRY_POINTS = ['index', 'auto', 'opentelemetry'];

const check = process.argv.includes('--check');
const temporary = mkdtempSync(join(tmpdir(), 'thrift-metrics-api-'));
try {
  const failed = ENTRY_POINTS.filter((entryPoint) => !report(entryPoint));
  if (failed.length > 0) process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true });
}

function report(entryPoint) {
  const { succeeded, apiReportChanged } = Extractor.invoke(configurationOf(entryPoint), {
    localBuild: !check,
    messageCallback: quieten,
  });
  if (check && apiReportChanged) {
    console.error(`api/${entryPoint}.api.md is not what the package exports: npm run api`);
  }
  return succeeded;
}

function configurationOf(entryPoint) {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, 'dist', `${entryPoint}.d.ts`),
      compiler: { tsconfigFilePath: join(root, 'tsconfig.build.json') },
      newlineKind: 'lf',
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName: `${entryPoint}.api.md`,
        reportFolder: join(root, 'api'),
        reportTempFolder: temporary,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // All that an entry point exports is public.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          // A name may say all there is to say.
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
          // What public types are made of need not be public; the report has it, so that a change is seen.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      },
    },
  });
}

function quieten(message) {
  // What is to be done about a report that differs is said above.
  const known = message.messageId === 'console-api-report-not-copied';
  if (known || ['info', 'verbose'].includes(message.logLevel)) message.handled = true;
}
