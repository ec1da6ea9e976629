import { dirname, resolve } from 'node:path';
import type { Document, LineCounter, Node, Pair, Scalar, YAMLMap } from 'yaml';

import { show } from '../validation/checks';
import { type FoundSettings, nothingFound } from './found-settings';
import { isNestedTooDeeply } from './nesting';
import { createProblem, createUnknown, type Problem } from './problem';
import { CODE_ONLY, type Setting, SETTINGS } from './settings-table';

/** Editors use this key to find the JSON schema. */
const SCHEMA_KEY = '$schema';

/** References that the aliases of a file may make. Aliases of aliases could otherwise stand for more data than memory holds. */
const MAX_ALIASES = 100;

/** Unknown keys that are reported. The first ones show what is wrong with a file that is something else. */
const MAX_UNKNOWN = 20;

/** What is wrong, by the code of the YAML parser. Its own messages quote the file, which can hold secrets. */
const SENTENCES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab indents this line. YAML allows only spaces.',
  MULTIPLE_DOCS: 'the file has several documents. Keep one.',
  TAG_RESOLVE_FAILED: 'the tag is unknown. Remove it.',
  NON_STRING_KEY: 'a key is not text. Put it in quotes.',
};

const FILE_SETTINGS: readonly Setting[] = SETTINGS.filter(({ key }) => key !== null);
const keyOf = ({ key }: Setting): string => key ?? '';

/** Parses a configuration file, JSON or YAML. JSON is YAML. */
export function parseFile(file: string, text: string): FoundSettings {
  if (isNestedTooDeeply(text)) {
    return unreadableFile(file, 'the file is nested too deeply. Make it flatter.', text);
  }
  const yaml = loadYaml();
  if (yaml === null) {
    return unreadableFile(
      file,
      "the package 'yaml', which parses the file, is not installed.",
      text,
    );
  }
  try {
    return new FileParser(yaml, file, text).parse();
  } catch {
    // What the parser throws is not shown, because it can quote the file.
    const reason = 'the file has aliases without an anchor, or too many. Write the values out.';
    return unreadableFile(file, reason, text);
  }
}

type Yaml = typeof import('yaml');

/** Loads the parser, which only programs that name a file need. Returns null if the program was bundled without it. */
function loadYaml(): Yaml | null {
  try {
    return require('yaml') as Yaml;
  } catch {
    return null;
  }
}

/** The result for a file that cannot be read as settings. `text` is its content, as far as it is known. */
export function unreadableFile(where: string, reason: string, text = ''): FoundSettings {
  const endangers = new Set<'auth' | 'tls'>();
  if (/\b(?:token|basicAuth)/i.test(text)) endangers.add('auth');
  if (/\btls\b/i.test(text)) endangers.add('tls');
  const problem = createProblem('file', where, reason, 'TM_ERR_CONFIG_FILE', endangers);
  return { settings: new Map(), problems: [problem] };
}

class FileParser {
  private readonly lines: LineCounter;
  private readonly document: Document.Parsed;
  private readonly found = nothingFound();

  constructor(
    private readonly yaml: Yaml,
    private readonly file: string,
    private readonly text: string,
  ) {
    this.lines = new yaml.LineCounter();
    this.document = yaml.parseDocument(text, {
      lineCounter: this.lines,
      // With 'silent', only the first of several documents would count.
      logLevel: 'error',
      prettyErrors: false,
      stringKeys: true,
      // The parser's own check takes quadratic time.
      uniqueKeys: false,
    });
  }

  parse(): FoundSettings {
    const [fault] = [...this.document.errors, ...this.document.warnings];
    if (fault !== undefined) {
      const reason = SENTENCES[fault.code] ?? 'the file is not valid YAML or JSON here.';
      return unreadableFile(this.at(fault.pos[0]), reason, this.text);
    }
    const twice = this.findDuplicate();
    if (twice !== null) {
      const reason = 'this key is there twice in one mapping. Remove one of them.';
      return unreadableFile(this.at(twice), reason, this.text);
    }
    const root: Node | null = this.document.contents;
    // A file of comments, or an empty one, sets nothing.
    if (root === null || this.isNull(root)) return this.found;
    if (!this.yaml.isMap(root)) {
      return unreadableFile(this.file, 'the file is not a mapping of keys to values.', this.text);
    }
    this.readMap(root, '');
    return this.found;
  }

  /** Finds the offset of a key that its mapping has already, or null. */
  private findDuplicate(): number | null {
    let found: number | null = null;
    this.yaml.visit(this.document, {
      Map: (_position, { items }) => {
        const keys = new Set<unknown>();
        for (const { key } of items as Pair<Scalar>[]) {
          if (keys.has(key.value)) {
            found = key.range?.[0] ?? 0;
            return this.yaml.visit.BREAK;
          }
          keys.add(key.value);
        }
        return undefined;
      },
    });
    return found;
  }

  private readMap(map: YAMLMap, prefix: string): void {
    for (const pair of map.items as Pair<Scalar, Node | null>[]) {
      if (this.found.problems.length === MAX_UNKNOWN) return;
      const key = `${prefix}${String(pair.key.value)}`;
      if (key !== SCHEMA_KEY) this.readPair(key, pair);
    }
  }

  private readPair(key: string, { key: { range }, value: node }: Pair<Scalar, Node | null>): void {
    const where = this.at(range?.[0] ?? 0);
    const setting = FILE_SETTINGS.find((each) => each.key === key);
    const value: unknown = node?.toJS(this.document, { maxAliasCount: MAX_ALIASES }) ?? null;
    if (setting !== undefined) {
      if (value !== null && value !== '') this.add(setting, value, where);
      return;
    }
    const isGroup = FILE_SETTINGS.some((each) => each.key?.startsWith(`${key}.`));
    if (!isGroup) {
      this.found.problems.push(unknownKey(where, key));
      return;
    }
    const group = this.yaml.isAlias(node) ? node.resolve(this.document) : node;
    if (this.yaml.isMap(group)) this.readMap(group, `${key}.`);
    else if (value !== null) this.found.problems.push(notAGroup(where, key, value));
  }

  private add(setting: Setting, given: unknown, where: string): void {
    const { parse, isPath } = setting.kind;
    const parsed = typeof given === 'string' ? parse(given) : given;
    const value =
      isPath === true && typeof parsed === 'string' ? resolve(dirname(this.file), parsed) : parsed;
    this.found.settings.set(setting, { value, source: 'file', where });
  }

  private isNull(node: Node): boolean {
    return this.yaml.isScalar(node) && node.value === null;
  }

  private at(offset: number): string {
    return `${this.file}:${this.lines.linePos(offset).line}`;
  }
}

function unknownKey(where: string, key: string): Problem {
  if (CODE_ONLY.includes(key)) {
    const sentence = `the option '${key}' is not data. Only the program can set it, with configureMetrics({ ${key} }).`;
    return createProblem('file', where, sentence, 'TM_ERR_OPTION_UNKNOWN');
  }
  // The key may belong below another one, or not.
  const last = key.split('.').at(-1);
  const known = FILE_SETTINGS.find((each) => keyOf(each).split('.').at(-1) === last);
  return createUnknown('file', where, key, FILE_SETTINGS, keyOf, known);
}

function notAGroup(where: string, key: string, value: unknown): Problem {
  const keys = FILE_SETTINGS.filter((each) => keyOf(each).startsWith(`${key}.`));
  // A text may be a secret.
  const found = typeof value === 'string' ? 'text' : show(value);
  return createProblem(
    'file',
    where,
    `'${key}' is ${found}. Expected a mapping with the keys ${keys.map(keyOf).join(', ')}.`,
    'TM_ERR_OPTION_INVALID',
    new Set(['auth', 'tls']),
  );
}
