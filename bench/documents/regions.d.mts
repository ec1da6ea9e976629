export function regionsOf(page: string): string[];
export function fillRegions(page: string, tables: ReadonlyMap<string, string>): string;
