import { ExpositionError } from './exposition-error';
import { parseSample, unescapeText, type ExpositionFormat, type Sample } from './parse-sample';

/** All that a scrape tells of one metric. */
export interface MetricFamily {
  /** As it stands after HELP and TYPE: in OpenMetrics, a counter's without `_total`. */
  readonly name: string;
  /** Null where no line tells. */
  type: string | null;
  help: string | null;
  readonly samples: Sample[];
}

const TYPES = {
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
