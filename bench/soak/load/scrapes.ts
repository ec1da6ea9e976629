import { join } from 'node:path';

import { loadSync, Reader } from 'protobufjs';

import { parseText, type Sample } from '../../../test/support/text-format';
import { get } from './get.js';

const ENCODINGS = ['identity', 'gzip', 'br'] as const;

const schema = loadSync(join(__dirname, '../../../test/scrape/metrics.proto'));
const MetricFamily = schema.lookupType('io.prometheus.client.MetricFamily');

interface Format {
  readonly accept: string;
  readonly contentType: string;
  /** @throws if the body is incomplete */
  readonly read: (body: Buffer) => void;
}

const FORMATS: Record<string, Format> = {
  text: {
    accept: 'text/plain',
    contentType: 'text/plain; version=0.0.4',
    read: (body) => void parseText(body.toString()),
  },
  OpenMetrics: {
    accept: 'application/openmetrics-text; version=1.0.0',
    contentType: 'application/openmetrics-text; version=1.0.0',
    read: (body) => {
      if (!body.toString().endsWith('\n# EOF\n')) throw new Error('OpenMetrics without # EOF');
    },
  },
  protobuf: {
    accept:
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
    contentType: 'application/vnd.google.protobuf',
    read: (body) => {
      const reader = Reader.create(body);
      while (reader.pos < reader.len) MetricFamily.decodeDelimited(reader);
    },
  },
};

/** Scrapes in every format and encoding, one after the other, and records what was wrong with the answers. */
export class Scrapes {
  readonly counts: Record<string, number> = {};
  readonly wrong: string[] = [];

  constructor(readonly port: number) {}

  async all(): Promise<void> {
    for (const [name, format] of Object.entries(FORMATS)) {
      for (const encoding of ENCODINGS) await this.#scrape(name, format, encoding);
    }
  }

  async #scrape(name: string, { accept, contentType, read }: Format, encoding: string) {
    const what = `${name}, ${encoding}`;
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    try {
      const headers = { accept, 'accept-encoding': encoding };
      const got = await get(this.port, '/metrics', headers);
      if (got.status !== 200) throw new Error(`status ${got.status}`);
      if (!got.contentType.startsWith(contentType))
        throw new Error(`content type ${got.contentType}`);
      read(got.body);
    } catch (error) {
      this.wrong.push(`${what}: ${(error as Error).message}`);
    }
  }
}

/** Scrapes in the text format and parses the samples. */
export async function readSamples(port: number): Promise<Sample[]> {
  return parseText((await get(port, '/metrics')).body.toString());
}
