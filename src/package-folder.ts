/**
 * The folder of this package's code: `src`, or `dist` in the published package. In a bundle of CommonJS modules it is the
 * folder of the bundle, and in a bundle of ES modules it is null, because these have no `__dirname`. This file must stay
 * directly in `src`, because other paths (`../package.json`, `../dist/page`) are relative to it.
 */
export const PACKAGE_FOLDER: string | null = typeof __dirname === 'undefined' ? null : __dirname;

/** Identifies this copy of the package among those of the process. */
export const COPY: string = PACKAGE_FOLDER ?? 'a bundle of ES modules';
