import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { packedPackage } from '../../consumers/projects';
import { blocksOf, readPage } from '../../docs/markdown';
import { BEFORE_HANDLER, ProjectReader, PROJECTS, TUTORIAL } from './project';
import { walkProject, walkReadme } from './walk-project';

// The commands include installations by npm, which take minutes with a cold cache.
const TIMEOUT = 600_000;

const thePackage = packedPackage();

test(
  'the tutorial works in a project of ES modules, and compiled by tsc',
  async () => {
    await walkProject(thePackage, 'es-modules', { modules: 'ES modules' });
  },
  TIMEOUT,
);

test(
  'the program of the README works in a CommonJS project, and compiled by tsc',
  () => walkReadme(thePackage, 'readme', {}),
  TIMEOUT,
);

describe('the project of the tutorial', () => {
  let reader: ProjectReader;

  beforeAll(async () => {
    reader = await ProjectReader.create(thePackage, 'commonjs');
    await reader.followTutorial(BEFORE_HANDLER);
  }, TIMEOUT);
  afterAll(() => reader?.leave());

  test('JavaScript is measured without a compiler', async () => {
    await reader.followProjects('JavaScript without a compiler');
    await reader.interrupt();
  });

  describe('fails as the page about projects says', () => {
    const IMPORT = 'node --input-type=module --eval';
    const TYPES = './gen-nodejs/calculator_types.js';
    /** What leads to each error. Later ones continue with the project of earlier ones. */
    const CAUSES = {
      "error TS5054: A 'tsconfig.json' file is already defined": 'npx tsc --init',
      "error TS1295: ECMAScript imports and exports cannot be written in a CommonJS file under 'verbatimModuleSyntax'.":
        'npx tsc --verbatimModuleSyntax true --noEmit',
      "Error: Cannot find module './gen-nodejs/Calculator.js'": 'npx tsc && node dist/server.js',
      'SyntaxError: Invalid or unexpected token':
        'npx tsc --target esnext && cp -r gen-nodejs dist && node dist/server.js',
      "SyntaxError: The requested module './gen-nodejs/Calculator.js' does not provide an export named 'default'": `npm pkg set type=module && ${IMPORT} "import Calculator from './gen-nodejs/Calculator.js'"`,
      'Error [ERR_MODULE_NOT_FOUND]: Cannot find module': `echo '{ "type": "commonjs" }' > gen-nodejs/package.json && rm -r dist && npx tsc && node dist/server.js`,
      [`SyntaxError: Named export 'Operation' not found. The requested module '${TYPES}' is a CommonJS module, which may not support all module.exports as named exports.`]: `${IMPORT} "import { Operation } from '${TYPES}'"`,
    };

    beforeAll(() => {
      for (const { title, code } of blocksOf(TUTORIAL)) {
        if (title === 'handler.ts' || title === 'server.ts') reader.save(title, code);
      }
    });

    test('every error of the page has a cause here', () => {
      const [, section = ''] = readPage(PROJECTS).split('\n## Errors and what they mean\n');
      const quoted = [...section.matchAll(/`((?:\w*Error|error) [^`]+|\w*Error: [^`]+)`/g)];
      expect(new Set(quoted.map(([, message]) => message))).toEqual(new Set(Object.keys(CAUSES)));
    });

    test.each(Object.entries(CAUSES))('%s', async (message, cause) => {
      const { stdout, stderr } = await reader.start(cause).ended;
      expect(stdout + stderr).toContain(message);
    });

    test('legacy decorators are compiled for every target', async () => {
      const options = '--target esnext --experimentalDecorators --outDir legacy';
      await reader.run(`npx tsc ${options} && cp -r gen-nodejs legacy`);
      await reader.start('node legacy/server.js').writes(/^http.*metrics$/m);
    });
  });
});
