import { posix } from 'node:path';

/** The pages of the site that are not in `docs/`, by their path in the repository. */
const ELSEWHERE = {
  'README.md': 'index.md',
  'docs/README.md': 'contents.md',
  'CHANGELOG.md': 'project/changelog.md',
  'CONTRIBUTING.md': 'project/contributing.md',
  'SECURITY.md': 'project/security.md',
};

/** Returns the path on the site of a file in the repository, or null if the site does not have the file. */
export function sitePathOf(path) {
  const example = /^examples\/([^/]+)\/README\.md$/.exec(path)?.[1];
  if (example !== undefined) return `examples/${example}.md`;
  if (path in ELSEWHERE) return ELSEWHERE[path];
  return path.startsWith('docs/') ? path.slice('docs/'.length) : null;
}

/**
 * Makes the links of a page lead to pages of the site. A link to a file that the site does not have leads to the repository,
 * or becomes plain text if `repository`, the address of its files, is null.
 */
export function linkToSite(markdown, path, repository) {
  return outsideOfCode(markdown, (text) =>
    text.replaceAll(/(!?)\[([^\]]*)\]\(([^()\s]+)\)/g, (link, image, label, target) => {
      if (/^(?:[a-z]+:|#)/.test(target)) return link;
      const [file, anchor] = target.split('#');
      const found = posix.join(posix.dirname(path), file);
      const page = sitePathOf(found);
      const suffix = anchor === undefined ? '' : `#${anchor}`;
      if (page !== null) return `${image}[${label}](${relative(sitePathOf(path), page)}${suffix})`;
      return repository === null ? label : `[${label}](${repository}/${found}${suffix})`;
    }),
  );
}

function relative(from, to) {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}

/** Applies a change to a Markdown text, except within blocks of code. */
function outsideOfCode(markdown, change) {
  return markdown
    .split(/^(```[\s\S]*?^```$)/m)
    .map((part, i) => (i % 2 === 0 ? change(part) : part))
    .join('');
}
