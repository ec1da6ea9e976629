import { CommandError } from './command-line';
import { finish, type Steps } from './steps';

export type ExpositionFormat = 'text' | 'openmetrics';

/** One sample line. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly hasTimestamp: boolean;
}

/** Everything that a scrape contains about one metric. */
export interface MetricFamily {
  /** The name after HELP and TYPE. The name of an OpenMetrics counter has no `_total`. */
  readonly name: string;
  /** Null if no TYPE line gives it. */
  type: string | null;
  help: string | null;
  readonly samples: Sample[];
}

const TYPES: Readonly<Record<ExpositionFormat, readonly string[]>> = {
  text: ['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  openmetrics: [
    'counter',
    'gauge',
    'histogram',
    'gaugehistogram',
    'summary',
    'info',
    'stateset',
    'unknown',
  ],
};

/** Suffixes that the sample names of a type add to the name of the metric. */
const SUFFIXES: Readonly<Record<ExpositionFormat, Readonly<Record<string, readonly string[]>>>> = {
  text: { histogram: ['_bucket', '_sum', '_count'], summary: ['_sum', '_count'] },
  openmetrics: {
    counter: ['_total', '_created'],
    histogram: ['_bucket', '_sum', '_count', '_created'],
    gaugehistogram: ['_bucket', '_gsum', '_gcount'],
    summary: ['_sum', '_count', '_created'],
    info: ['_info'],
  },
};

/** A line of metadata. */
const COMMENT = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*)(?: (.*))?$/s;

/**
 * Parses Prometheus's text format 0.0.4 or OpenMetrics 1.0, as strictly as their specifications.
 *
 * @throws {ExpositionError} at the first line that does not conform to the format.
 * @throws {CommandError} if there are too many lines.
 */
export function parseExposition(text: string, format: ExpositionFormat): MetricFamily[] {
  return finish(expositionSteps(text, format));
}

/** Lines that are parsed in one step. */
const LINES_PER_STEP = 200;

/** Parses as {@link parseExposition} does, in steps. */
export function* expositionSteps(text: string, format: ExpositionFormat): Steps<MetricFamily[]> {
  const reader = new ExpositionReader(format);
  const lines = splitLines(text);
  if (lines.pop() !== '') {
    throw new ExpositionError('the last line must end with a line feed', lines.length + 1);
  }
  if (format === 'openmetrics' && lines.pop() !== '# EOF') {
    throw new ExpositionError("expected '# EOF' as the last line", lines.length + 1);
  }
  for (const [i, line] of lines.entries()) {
    if (i % LINES_PER_STEP === 0) yield;
    try {
      reader.read(line);
    } catch (error) {
      if (error instanceof SyntaxError) throw new ExpositionError(error.message, i + 1);
      throw error;
    }
  }
  return [...reader.families.values()];
}

/** Lines that are read, far more than a sensible endpoint serves. Each takes about a kilobyte of memory. */
const MAX_LINES = 1_000_000;

/** @throws {CommandError} if there are too many lines. */
function splitLines(text: string): string[] {
  const lines = text.split('\n', MAX_LINES + 1);
  if (lines.length <= MAX_LINES) return lines;
  throw new CommandError(
    `The endpoint serves more than ${MAX_LINES} lines, which are not read. Reduce its series, or pass a URL with name[] parameters.`,
  );
}

class ExpositionReader {
  readonly families = new Map<string, MetricFamily>();

  constructor(private readonly format: ExpositionFormat) {}

  read(line: string): void {
    if (line.startsWith('#')) this.readComment(line);
    else if (line.trim() !== '') {
      const sample = parseSample(line, this.format);
      this.familyOf(sample.name).samples.push(sample);
    } else if (this.format === 'openmetrics') throw new SyntaxError('empty line');
  }

  private readComment(line: string): void {
    const [, keyword, name, rest = ''] = COMMENT.exec(line) ?? [];
    if (keyword === undefined || name === undefined) {
      if (this.format === 'text' && !/^#[ \t]+(?:HELP|TYPE)\b/.test(line)) return;
      throw new SyntaxError('expected HELP or TYPE after #, followed by a metric name');
    }
    if (keyword === 'UNIT') return;
    const family = this.family(name);
    if (keyword === 'HELP') {
      if (family.help !== null) throw new SyntaxError(`duplicate HELP of '${name}'`);
      family.help = unescapeText(rest);
    } else {
      if (family.type !== null) throw new SyntaxError(`duplicate TYPE of '${name}'`);
      if (family.samples.length > 0)
        throw new SyntaxError(`TYPE of '${name}' must precede its samples`);
      if (!TYPES[this.format].includes(rest)) throw new SyntaxError(`unknown type '${rest}'`);
      family.type = rest;
    }
  }

  private familyOf(sampleName: string): MetricFamily {
    const suffix = /_[a-z]+$/.exec(sampleName)?.[0] ?? '';
    const base = this.families.get(sampleName.slice(0, -suffix.length || undefined));
    if (base !== undefined && SUFFIXES[this.format][base.type ?? '']?.includes(suffix)) return base;
    return this.family(sampleName);
  }

  private family(name: string): MetricFamily {
    let family = this.families.get(name);
    if (family === undefined) {
      family = { name, type: null, help: null, samples: [] };
      this.families.set(name, family);
    }
    return family;
  }
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL_NAME = /([a-zA-Z_][a-zA-Z0-9_]*)="/;
// The syntax of Go's ParseFloat, which ignores case. prom-client writes `Nan`.
const NUMBER =
  '[+-]?(?:(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?|[iI][nN][fF](?:inity)?|[nN][aA][nN])';
const REST = {
  text: new RegExp(`^[ \\t]+(${NUMBER})(?:[ \\t]+(-?\\d+))?[ \\t]*$`),
  // The timestamp is in seconds, and an exemplar may follow it.
  openmetrics: new RegExp(`^ (${NUMBER})(?: (-?\\d+(?:\\.\\d+)?))?(?: # (\\{.*))?$`),
} as const;
const EXEMPLAR_REST = new RegExp(`^ ${NUMBER}(?: \\d+(?:\\.\\d+)?)?$`);

/**
 * Parses one sample line.
 *
 * @throws {SyntaxError} if the line does not conform to the format.
 */
function parseSample(line: string, format: ExpositionFormat): Sample {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) throw new SyntaxError('expected a metric name');
  const { labels, end } = parseLabels(line, name.length);
  const [, value, timestamp, exemplar] = REST[format].exec(line.slice(end)) ?? [];
  if (value === undefined) throw new SyntaxError('expected a number after the name and labels');
  if (exemplar !== undefined) checkExemplar(exemplar);
  return { name, labels, value: toNumber(value), hasTimestamp: timestamp !== undefined };
}

function parseLabels(line: string, start: number): { labels: Map<string, string>; end: number } {
  const labels = new Map<string, string>();
  if (line[start] !== '{') return { labels, end: start };
  const label = new RegExp(LABEL_NAME, 'y');
  let at = start + 1;
  while (line[at] !== '}') {
    label.lastIndex = at;
    const [head, name] = label.exec(line) ?? [];
    const valueEnd = head === undefined ? -1 : endOfValue(line, at + head.length);
    if (head === undefined || name === undefined || valueEnd === -1) {
      throw new SyntaxError(`expected a label such as name="value" at character ${at + 1}`);
    }
    if (labels.has(name)) throw new SyntaxError(`duplicate label '${name}'`);
    labels.set(name, unescapeText(line.slice(at + head.length, valueEnd)));
    at = valueEnd + 1;
    if (line[at] === ',') at++;
    else if (line[at] !== '}') throw new SyntaxError(`expected ',' or '}' at character ${at + 1}`);
  }
  return { labels, end: at + 1 };
}

/**
 * Returns the index of the quote that ends a label value, or -1. A regular expression that matches a value of some megabytes
 * would overflow the stack.
 */
function endOfValue(line: string, start: number): number {
  for (let at = start; at < line.length; at++) {
    const character = line[at];
    if (character === '"') return at;
    if (character === '\\' && !isEscapable(line[++at])) return -1;
  }
  return -1;
}

function isEscapable(character: string | undefined): boolean {
  return character === '\\' || character === '"' || character === 'n';
}

function checkExemplar(text: string): void {
  const { end } = parseLabels(text, 0);
  if (!EXEMPLAR_REST.test(text.slice(end))) {
    throw new SyntaxError('an exemplar needs labels and a number');
  }
}

/** Decodes the escapes of a label value or a help text. */
function unescapeText(text: string): string {
  return text.replaceAll(/\\([\\"n])/g, (_, character: string) =>
    character === 'n' ? '\n' : character,
  );
}

/** Parses a number of the format, infinity and NaN included. */
export function toNumber(text: string): number {
  return Number(text.replace(/inf(?:inity)?$/i, 'Infinity').replace(/nan$/i, 'NaN'));
}

/** Reports a line that does not conform to the format. */
export class ExpositionError extends Error {
  constructor(
    message: string,
    /** Counted from 1. */
    readonly line: number,
  ) {
    super(`line ${line}: ${message}`);
  }
}
