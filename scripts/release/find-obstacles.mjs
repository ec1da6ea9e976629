import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** https://semver.org/#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string, without build metadata */
const SEMANTIC_VERSION =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Lists the reasons why the commit checked out in a folder cannot be released, each with what to do about it. */
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
    obstacles.push('There are uncommitted changes. Commit or stash them.');
  }
  if (!SEMANTIC_VERSION.test(version)) {
    obstacles.push(`The version in package.json, '${version}', is not a semantic version.`);
  }
  if (git('tag', '--list', `v${version}`) !== '') {
    const [tagged, head] = [`v${version}^{commit}`, 'HEAD'].map((name) => git('rev-parse', name));
    if (tagged !== head) {
      obstacles.push(
        `The tag v${version} is on another commit. Increase the version in package.json.`,
      );
    }
  }
  if (typeof (repository?.url ?? repository) !== 'string') {
    obstacles.push(
      'package.json has no repository. Add it: npm compares it with the build location in the provenance.',
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
    obstacles.push(`CHANGELOG.md has entries under "Unreleased". Move them to [${version}].`);
  }
  const headings = sections.map((section) => section.split('\n', 1)[0].trim());
  const dated = headings.some(
    (heading) =>
      heading.startsWith(`[${version}] - `) && /^\d{4}-\d{2}-\d{2}$/.test(heading.slice(-10)),
  );
  if (!dated) obstacles.push(`CHANGELOG.md has no section "[${version}] - YYYY-MM-DD". Add it.`);
  return obstacles;
}
