/** Whether Bun runs this process. Its loader, its errors and its workers differ from those of Node.js and Deno. */
export const IS_BUN = process.versions['bun'] !== undefined;
