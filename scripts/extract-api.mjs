import { join } from 'node:path';

import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

import { root } from './run.mjs';

export const ENTRY_POINTS = ['index', 'auto', 'dashboards', 'opentelemetry'];

/** The folder into which the build compiles the declarations of each module. */
export const DECLARATIONS = 'build/declarations';

/**
 * Reads the exports of an entry point from the declarations of the last build. `rollUp` is the path of the declaration file
 * to write. `report` has the folder of the API report, and says whether to compare it or to write it.
 */
export function extractApi(entryPoint, { rollUp, report }) {
  const configuration = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, DECLARATIONS, `${entryPoint}.d.ts`),
      compiler: { tsconfigFilePath: join(root, 'tsconfig.build.json') },
      newlineKind: 'lf',
      apiReport:
        report === undefined
          ? { enabled: false }
          : {
              enabled: true,
              includeForgottenExports: true,
              reportFileName: `${entryPoint}.api.md`,
              reportFolder: report.folder,
              reportTempFolder: report.temporary,
            },
      docModel: { enabled: false },
      dtsRollup:
        rollUp === undefined ? { enabled: false } : { enabled: true, untrimmedFilePath: rollUp },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // Everything that an entry point exports is public.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          // A name can be enough.
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
          // A public type may use types that are not exported. The report includes them, so that a change shows.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // Options use `@default`, which editors show; TSDoc itself knows only `@defaultValue`.
          'tsdoc-undefined-tag': { logLevel: ExtractorLogLevel.None },
        },
      },
    },
  });
  return Extractor.invoke(configuration, {
    localBuild: report?.check !== true,
    messageCallback: quieten,
  });
}

function quieten(message) {
  // The caller says what to do about a report that differs.
  const known = message.messageId === 'console-api-report-not-copied';
  if (known || ['info', 'verbose'].includes(message.logLevel)) message.handled = true;
}
