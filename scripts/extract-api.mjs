import { join } from 'node:path';

import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

import { root } from './run.mjs';

export const ENTRY_POINTS = ['index', 'auto', 'opentelemetry'];

/** Where the build has the compiler write the declaration of each module. */
export const DECLARATIONS = 'build/declarations';

/**
 * Reads what an entry point exports from the declarations of the last build. `rollUp` is the path of the one declaration
 * file to write; `report` says where the report of its names is, and whether only to compare.
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
          // All that an entry point exports is public.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          // A name may say all there is to say.
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
          // What public types are made of need not be public; the report has it, so that a change is seen.
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
  // What is to be done about a report that differs is said by who asked for it.
  const known = message.messageId === 'console-api-report-not-copied';
  if (known || ['info', 'verbose'].includes(message.logLevel)) message.handled = true;
}
