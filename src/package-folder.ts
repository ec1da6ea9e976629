/**
 * The folder of this package's code: `src`, or `dist` in the published package. This file must stay directly in `src`,
 * because other paths (`../package.json`, `../dist/page`) are relative to it.
 */
export const PACKAGE_FOLDER = __dirname;
