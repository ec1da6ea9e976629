export const SDK_VERSIONS: readonly string[];
export function installSdk(major: string): Promise<string>;
export function loadSdk(major: string): unknown;
