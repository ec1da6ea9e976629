// `npm run prose`: finds phrases that the project's prose avoids, and prints where they are and what to write instead.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { root } from './run.mjs';

const ANYWHERE = /^/;
const SOURCE = /^src\//;

/** What to look for, what to write instead, and in which files. */
const RULES = [
  [
    /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|\w+er than\b)`?\w+/i,
    'is not a, does not have',
  ],
  [/(?<!-)\banew\b/i, 'again'],
  [/\bwho(?:m|so)?ever\b/i, 'anyone who, code that'],
  [/\bnobody but\b/i, 'only'],
  [/\b(?:is|are|was|were|be|been) told\b(?! apart\b)/i, 'is passed, receives, is reported to'],
  [/\b(?:tells?|told) of\b/i, 'reports, shows'],
  [/\breckon(?:s|ed|ing)?\b/i, 'compute, estimate'],
  [/\bbears\b/i, 'has, supports, tolerates'],
  [/\bto be had\b/i, 'is available'],
  [/\bnone of it\b/i, 'does not have it'],
  [/\bOf these,/, 'a sentence that starts with its subject'],
  [/\bThose of\b/, 'a sentence that names its subject'],
  [/\bforeign metrics?\b/i, "user's metrics, third-party metrics"],
  [/\blast words?\b/i, 'final report'],
  [/\bepochs?\b/i, 'reset generation'],
  [/\b(?:active|observed|listed) calls?\b/i, 'recording, call in progress'],
  [/\bwho has\b/i, 'if you have, a user with'],
  [/\bdeclarers?\b/i, 'declaring class'],
  [
    /(?:\/\/|\/\*\*|^\s*\*).*\b(?:the|this|that|each|every|any|other|own) rooms?\b(?! for\b)/i,
    'module, layer',
    SOURCE,
  ],
].map(([phrase, instead, files = ANYWHERE]) => ({ phrase: acrossLines(phrase), instead, files }));

const FOLDERS = ['src', 'docs', 'bench', 'scripts', 'examples', 'test/**/*.ts'];
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];
const TEXT = /\.(?:[cm]?[jt]sx?|css|md|py|ya?ml)$/;
const GENERATED =
  /\/gen-nodejs(?:-es5)?\/|^examples\/monitoring\/(?:rules\/|tests\/|.*\/prometheus-rule\.yml$)/;

/** They quote the phrases. */
const EXEMPT = new Set(['scripts/prose-check.mjs', 'test/scripts/prose-check.test.ts']);

/** A fenced block of Markdown, unless it is code, whose comments are prose. */
const OUTPUT_BLOCK = /^( *)```(?![jt]s\b)[^]*?^\1```$/gm;

/** Lets each space of a phrase match a line break as well, with the prefix of the next comment line. */
function acrossLines({ source, flags }) {
  return new RegExp(source.replaceAll(' ', String.raw`\s+(?:(?:\*|//|#)\s+)?`), `${flags}gm`);
}

/**
 * Finds the phrases to avoid in the text of one file.
 *
 * @param {string} path relative to the repository root
 * @param {string} text
 */
export function findPhrases(path, text) {
  const prose = path.endsWith('.md')
    ? text.replaceAll(OUTPUT_BLOCK, (block) => block.replaceAll(/./g, ' '))
    : text;
  return RULES.filter(({ files }) => files.test(path))
    .flatMap(({ phrase, instead }) =>
      Array.from(prose.matchAll(phrase), ({ index, 0: found }) => ({ index, found, instead })),
    )
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, found, instead }) => ({
      line: prose.slice(0, index).split('\n').length,
      found: found.replaceAll(/\s+(?:(?:\*|\/\/|#)\s+)?/g, ' '),
      instead,
    }));
}

function checkFiles() {
  const tracked = execFileSync('git', ['ls-files', '-z', ...FOLDERS, ...PAGES], { cwd: root });
  const paths = tracked.toString().split('\0').filter(isProse);
  for (const path of paths) {
    for (const { line, found, instead } of findPhrases(
      path,
      readFileSync(join(root, path), 'utf8'),
    )) {
      console.error(`${path}:${line}: "${found}". Write instead: ${instead}`);
      process.exitCode = 1;
    }
  }
}

function isProse(path) {
  return TEXT.test(path) && !GENERATED.test(path) && !EXEMPT.has(path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) checkFiles();
