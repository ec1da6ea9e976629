import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Adds a built version to a folder of versions: each has a folder of its own, `versions.json` lists them for the switch in
 * the site's header, newest first, and the first page leads to the newest.
 */
export function addVersion(folder, version, built) {
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, version), { recursive: true, force: true });
  cpSync(built, join(folder, version), { recursive: true });
  const list = join(folder, 'versions.json');
  const known = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
  const collator = new Intl.Collator('en', { numeric: true });
  const versions = [...new Set([...known, version])].toSorted((a, b) => collator.compare(b, a));
  writeFileSync(list, `${JSON.stringify(versions)}\n`);
  writeFileSync(join(folder, 'index.html'), redirectTo(`./${versions[0]}/`));
}

function redirectTo(address) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>thrift-metrics</title>
<meta http-equiv="refresh" content="0; url=${address}">
<a href="${address}">thrift-metrics</a>
</html>
`;
}
