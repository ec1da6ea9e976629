/** The modules that were required, or imported by ES modules from CommonJS. Bundles may not have this cache. */
export function moduleCache(): NodeJS.Dict<NodeJS.Module> {
  try {
    return require.cache ?? {};
  } catch {
    return {};
  }
}
