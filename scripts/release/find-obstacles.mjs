import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** https://semver.org/#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string, without build metadata */
const SEMANTIC_VERSION =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** What keeps the commit that is checked out in a folder from being released, each with what to do about it. */
export function findObstacles(folder) {
  const git = (...args) =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  const { version, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const obstacles = [];
  if (git('status', '--porcelain') !== '') {
    obstacles.push('There are changes that are not committed: commit them, or put them away.');
  }
  if (!SEMANTIC_VERSION.test(version)) {
    obstacles.push(`The version in package.json is '${version}': a semantic version is expected.`);
  }
  if (git('tag', '--list', `v${version}`) !== '') {
    const [tagged, head] = [`v${version}^{commit}`, 'HEAD'].map((name) => git('rev-parse', name));
    if (tagged !== head) {
      obstacles.push(
        `The tag v${version} is on another commit: raise the version in package.json.`,
      );
    }
  }
  if (typeof (repository?.url ?? repository) !== 'string') {
    obstacles.push(
      'package.json has no repository: npm compares it with where the provenance says that the package was built.',
    );
  }
  return [...obstacles, ...obstaclesIn(join(folder, 'CHANGELOG.md'), version)];
}

function obstaclesIn(changelog, version) {
  const text = existsSync(changelog) ? readFileSync(changelog, 'utf8') : '';
  const sections = text.split(/^## /m).slice(1);
  const obstacles = [];
  const unreleased = sections.find((section) => section.startsWith('[Unreleased]'));
  if (unreleased !== undefined && unreleased.slice('[Unreleased]'.length).trim() !== '') {
    obstacles.push(`CHANGELOG.md has entries under "Unreleased": put them under [${version}].`);
  }
  const headings = sections.map((section) => section.split('\n', 1)[0].trim());
  const dated = headings.some(
    (heading) =>
      heading.startsWith(`[${version}] - `) && /^\d{4}-\d{2}-\d{2}$/.test(heading.slice(-10)),
  );
  if (!dated) obstacles.push(`CHANGELOG.md has no section "[${version}] - YYYY-MM-DD".`);
  return obstacles;
}
