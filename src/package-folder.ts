/**
 * The folder of this package's code: `src`, or `dist` in what is published. This file must stay directly in `src`,
 * because other paths (`../package.json`, `../dist/page`) are derived from it.
 */
export const PACKAGE_FOLDER = __dirname;
