export const SDK_VERSIONS: readonly string[];
export function installSdk(major: string): Promise<string>;
export function sdkFolder(major: string): string;
export function loadSdk(major: string, name?: string): unknown;
