/** A format in which metrics can be written. */
export type Format = 'text' | 'openmetrics' | 'protobuf';

export const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  // https://prometheus.io/docs/instrumenting/exposition_formats/
  text: 'text/plain; version=0.0.4; charset=utf-8',
  // https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  protobuf:
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
};

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/**
 * Returns the format that an Accept header prefers, or the first of several that it prefers equally. Without a supported
 * format it returns text, because a scraper can do more with the oldest format than with an error.
 */
export function negotiateFormat(accept: string | undefined): Format {
  let best: Format = 'text';
  let quality = 0;
  for (const range of parseAccept(accept ?? '')) {
    const format = formatOf(range);
    if (format !== null && range.quality > quality) {
      best = format;
      quality = range.quality;
    }
  }
  return best;
}

function formatOf({ type, parameters }: MediaRange): Format | null {
  switch (type) {
    case 'application/openmetrics-text': {
      const version = parameters.get('version');
      return version === undefined || version.startsWith('1.') ? 'openmetrics' : null;
    }
    case 'application/vnd.google.protobuf':
      return parameters.get('proto') === 'io.prometheus.client.MetricFamily' &&
        parameters.get('encoding') === 'delimited'
        ? 'protobuf'
        : null;
    case 'text/plain':
      return (parameters.get('version') ?? '0.0.4') === '0.0.4' ? 'text' : null;
    case 'text/*':
    case '*/*':
      return 'text';
    default:
      return null;
  }
}

/** Parses the valid media ranges of an Accept header, and skips the rest. */
function* parseAccept(accept: string): Generator<MediaRange> {
  for (const range of accept.split(',')) {
    const [type = '', ...rest] = range.split(';');
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const [name = '', value = ''] = parameter.split('=');
      parameters.set(name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1'));
    }
    const given = parameters.get('q');
    const quality = given === undefined ? 1 : Number(given);
    if (quality >= 0 && quality <= 1)
      yield { type: type.trim().toLowerCase(), parameters, quality };
  }
}
