/** Whether Bun runs this process. Its loader, its errors, its servers and its workers differ from those of Node.js. */
export const IS_BUN = process.versions['bun'] !== undefined;

/** Whether Deno runs this process. */
export const IS_DENO = process.versions['deno'] !== undefined;
