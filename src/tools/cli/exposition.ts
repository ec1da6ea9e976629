/** All that a scrape tells of one metric. */
export interface MetricFamily {
  /** As it stands after HELP and TYPE: in OpenMetrics, a counter's without `_total`. */
  readonly name: string;
  /** Null where no line tells. */
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

/** What the samples of a type are called beside, or instead of, the metric's own name. */
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

const COMMENT = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*)(?: (.*))?$/s;

/**
 * Reads Prometheus's text format 0.0.4 or OpenMetrics 1.0, by the letter of their specifications.
 *
 * @throws {ExpositionError} at the first line that is not in the format.
 */
export function parseExposition(text: string, format: ExpositionFormat): MetricFamily[] {
  const reader = new ExpositionReader(format);
  const lines = text.split('\n');
  if (lines.pop() !== '') {
    throw new ExpositionError('the last line does not end with a line feed', lines.length + 1);
  }
  if (format === 'openmetrics' && lines.pop() !== '# EOF') {
    throw new ExpositionError("'# EOF' is expected as the last line", lines.length + 1);
  }
  lines.forEach((line, i) => {
    try {
      reader.read(line);
    } catch (error) {
      if (error instanceof SyntaxError) throw new ExpositionError(error.message, i + 1);
      throw error;
    }
  });
  return [...reader.families.values()];
}

class ExpositionReader {
  readonly families = new Map<string, MetricFamily>();

  constructor(private readonly format: ExpositionFormat) {}

  read(line: string): void {
    if (line.startsWith('#')) this.readComment(line);
    else if (line.trim() !== '') {
      const sample = parseSample(line, this.format);
      this.familyOf(sample.name).samples.push(sample);
    } else if (this.format === 'openmetrics') throw new SyntaxError('a line is empty');
  }

  private readComment(line: string): void {
    const [, keyword, name, rest = ''] = COMMENT.exec(line) ?? [];
    if (keyword === undefined || name === undefined) {
      if (this.format === 'text' && !/^#[ \t]+(?:HELP|TYPE)\b/.test(line)) return;
      throw new SyntaxError('HELP or TYPE is expected after #, then the name of a metric');
    }
    if (keyword === 'UNIT') return;
    const family = this.family(name);
    if (keyword === 'HELP') {
      if (family.help !== null) throw new SyntaxError(`a second HELP for '${name}'`);
      family.help = unescapeText(rest);
    } else {
      if (family.type !== null) throw new SyntaxError(`a second TYPE for '${name}'`);
      if (family.samples.length > 0) throw new SyntaxError(`TYPE after samples of '${name}'`);
      if (!TYPES[this.format].includes(rest)) throw new SyntaxError(`type '${rest}' is unknown`);
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

export type ExpositionFormat = 'text' | 'openmetrics';

/** One line of values. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly hasTimestamp: boolean;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"]|\\[\\"n])*)"/y;
// As Go's ParseFloat takes it: the case of what is no digit does not matter. prom-client writes `Nan`.
const NUMBER =
  '[+-]?(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?|[iI][nN][fF](?:inity)?|[nN][aA][nN])';
const REST = {
  text: new RegExp(`^[ \\t]+(${NUMBER})(?:[ \\t]+(-?\\d+))?[ \\t]*$`),
  // An exemplar may stand after the value and the timestamp, in seconds, of a sample.
  openmetrics: new RegExp(`^ (${NUMBER})(?: (-?\\d+(?:\\.\\d+)?))?(?: # (\\{.*))?$`),
} as const;
const EXEMPLAR_REST = new RegExp(`^ ${NUMBER}(?: \\d+(?:\\.\\d+)?)?$`);

/**
 * Reads one line of values by the letter of the format.
 *
 * @throws {SyntaxError} saying what is wrong with it.
 */
export function parseSample(line: string, format: ExpositionFormat): Sample {
  NAME.lastIndex = 0;
  const name = NAME.exec(line)?.[0];
  if (name === undefined) throw new SyntaxError('a metric name is expected');
  const { labels, end } = parseLabels(line, name.length);
  const [, value, timestamp, exemplar] = REST[format].exec(line.slice(end)) ?? [];
  if (value === undefined) throw new SyntaxError('a number is expected after name and labels');
  if (exemplar !== undefined) checkExemplar(exemplar);
  return { name, labels, value: toNumber(value), hasTimestamp: timestamp !== undefined };
}

function parseLabels(line: string, start: number): { labels: Map<string, string>; end: number } {
  const labels = new Map<string, string>();
  if (line[start] !== '{') return { labels, end: start };
  let at = start + 1;
  while (line[at] !== '}') {
    LABEL.lastIndex = at;
    const [whole, name, value] = LABEL.exec(line) ?? [];
    if (whole === undefined || name === undefined || value === undefined) {
      throw new SyntaxError(`a label as in name="value" is expected at character ${at + 1}`);
    }
    if (labels.has(name)) throw new SyntaxError(`label '${name}' stands there twice`);
    labels.set(name, unescapeText(value));
    at += whole.length;
    if (line[at] === ',') at++;
    else if (line[at] !== '}')
      throw new SyntaxError(`',' or '}' is expected at character ${at + 1}`);
  }
  return { labels, end: at + 1 };
}

function checkExemplar(text: string): void {
  const { end } = parseLabels(text, 0);
  if (!EXEMPLAR_REST.test(text.slice(end))) {
    throw new SyntaxError('an exemplar needs labels and a number');
  }
}

/** What the backslashes in a label value or a help text stand for. */
export function unescapeText(text: string): string {
  return text.replaceAll(/\\([\\"n])/g, (_, character: string) =>
    character === 'n' ? '\n' : character,
  );
}

export function toNumber(text: string): number {
  return Number(text.replace(/inf(?:inity)?$/i, 'Infinity').replace(/nan$/i, 'NaN'));
}

/** A line that is not in the format that it is said to be in. */
export class ExpositionError extends Error {
  constructor(
    message: string,
    /** Counted from 1. */
    readonly line: number,
  ) {
    super(`line ${line}: ${message}`);
  }
}
