import { dirname, resolve } from 'node:path';
import type { Document, LineCounter, Node, Pair, Scalar, YAMLMap } from 'yaml';

import { show } from '../validation/checks';
import { type FoundSettings, nothingFound } from './found-settings';
import { isNestedTooDeeply } from './nesting';
import { createProblem, createUnknown, type Problem } from './problem';
import { isEmptyText } from './setting-kinds';
import { CODE_ONLY, type Setting, SETTINGS } from './settings-table';

/** Editors use this key to find the JSON schema. */
const SCHEMA_KEY = '$schema';

/** References that the aliases of a file may make. Aliases of aliases could otherwise stand for more data than memory holds. */
const MAX_ALIASES = 100;

/**
 * Problems that are reported one by one. The first ones show what is wrong with a file that is something else, and each
 * unknown key is compared with all settings, which takes time.
 */
const MAX_PROBLEMS = 20;

/** What is wrong, by the code of the YAML parser. Its own messages quote the file, which can hold secrets. */
const SENTENCES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab indents this line. YAML allows only spaces.',
  MULTIPLE_DOCS: 'the file has several documents. Keep one.',
  TAG_RESOLVE_FAILED: 'the tag is unknown. Remove it.',
  NON_STRING_KEY: 'a key is not text. Put it in quotes.',
};

/** All access settings. A mapping that is missing could have held any of them. */
const ACCESS: ReadonlySet<'auth' | 'tls'> = new Set(['auth', 'tls']);

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
      "the package 'yaml', which parses the file, is not installed. Install it, or leave it out of the bundle.",
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
  const problem = createProblem('file', where, reason, 'TM_ERR_CONFIG_FILE', dangersIn(text));
  return { settings: new Map(), problems: [problem] };
}

/** The access settings that a text of a file may be about. */
function dangersIn(text: string): ReadonlySet<'auth' | 'tls'> {
  const endangers = new Set<'auth' | 'tls'>();
  if (/\b(?:token|basicAuth)/i.test(text)) endangers.add('auth');
  if (/\btls/i.test(text)) endangers.add('tls');
  return endangers;
}

/** The problems of a file beyond {@link MAX_PROBLEMS}. */
interface FurtherProblems {
  count: number;
  /** The line of the first one. */
  readonly where: string;
  readonly endangers: Set<'auth' | 'tls'>;
}

class FileParser {
  private readonly lines: LineCounter;
  private readonly document: Document.Parsed;
  private readonly found = nothingFound();
  private further: FurtherProblems | null = null;

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
    this.addFurther();
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
      const key = `${prefix}${String(pair.key.value)}`;
      if (key !== SCHEMA_KEY) this.readPair(key, pair);
    }
  }

  private readPair(key: string, { key: { range }, value: node }: Pair<Scalar, Node | null>): void {
    const where = this.at(range?.[0] ?? 0);
    const setting = FILE_SETTINGS.find((each) => each.key === key);
    const value: unknown = node?.toJS(this.document, { maxAliasCount: MAX_ALIASES }) ?? null;
    if (setting !== undefined) {
      const isEmpty = typeof value === 'string' && isEmptyText(setting.kind, value);
      if (value !== null && !isEmpty) this.add(setting, value, where);
      return;
    }
    const isGroup = FILE_SETTINGS.some((each) => each.key?.startsWith(`${key}.`));
    if (!isGroup) {
      this.addProblem(where, dangersIn(key), () => unknownKey(where, key));
      return;
    }
    const group = this.yaml.isAlias(node) ? node.resolve(this.document) : node;
    if (this.yaml.isMap(group)) this.readMap(group, `${key}.`);
    else if (value !== null) {
      this.addProblem(where, ACCESS, () => notAGroup(where, key, value));
    }
  }

  /**
   * Adds a problem, or counts it if there are many already. The keys after it are read all the same: settings among them
   * apply, and one that protects the endpoint must.
   */
  private addProblem(
    where: string,
    endangers: ReadonlySet<'auth' | 'tls'>,
    create: () => Problem,
  ): void {
    if (this.found.problems.length < MAX_PROBLEMS) {
      this.found.problems.push(create());
      return;
    }
    this.further ??= { count: 0, where, endangers: new Set() };
    this.further.count++;
    for (const each of endangers) this.further.endangers.add(each);
  }

  private addFurther(): void {
    if (this.further === null) return;
    const { count, where, endangers } = this.further;
    const keys = count === 1 ? 'one more key is' : `${count} more keys are`;
    const sentence = `${keys} wrong, from here on. Remove what is not a setting.`;
    this.found.problems.push(
      createProblem('file', where, sentence, 'TM_ERR_OPTION_UNKNOWN', endangers),
    );
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
    ACCESS,
  );
}
