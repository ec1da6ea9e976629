export const GROUPS: readonly { readonly name: string; readonly table: string }[];
