export declare function addVersion(folder: string, version: string, built: string): void;
