import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CONTENT_TYPE, negotiateFormat, type Format } from '../../src/scrape/negotiate';
import { renderMetrics } from '../../src/index';

const OPENMETRICS = 'application/openmetrics-text';
const PROTOBUF =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** What Prometheus 2.42 sends. */
const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_NATIVE = `${PROTOBUF},application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`;
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const BROWSER =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8';

describe('the Accept header', () => {
  it.each<[string, string | undefined, Format]>([
    ['of Prometheus 2.42', PROMETHEUS, 'openmetrics'],
    ['of Prometheus 2.42 with native histograms', PROMETHEUS_NATIVE, 'protobuf'],
    ['of Prometheus 3', PROMETHEUS_3, 'openmetrics'],
    ['of Prometheus 1', `${PROTOBUF};q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1`, 'protobuf'],
    ['of a browser', BROWSER, 'text'],
    ['of curl and of fetch', '*/*', 'text'],
    ['that is missing', undefined, 'text'],
    ['that is empty', '', 'text'],
    ['that wants text', 'text/plain', 'text'],
    ['that wants text of the known version', 'text/plain; version=0.0.4; charset=utf-8', 'text'],
    ['that wants any text', 'text/*', 'text'],
    ['with other content types only', 'application/json, image/png', 'text'],
  ])('a format is chosen for an Accept header %s', (_of, accept, format) => {
    expect(negotiateFormat(accept)).toBe(format);
  });

  it.each<[string, string, Format]>([
    ['the higher quality wins', `text/plain;q=0.4, ${OPENMETRICS};q=0.5`, 'openmetrics'],
    [
      'the higher quality wins over a later entry',
      `${OPENMETRICS};q=0.5, text/plain;q=0.4`,
      'openmetrics',
    ],
    ['a missing quality counts as 1', `${OPENMETRICS};q=0.999, text/plain`, 'text'],
    ['the first of equal qualities wins', `${OPENMETRICS}, ${PROTOBUF}`, 'openmetrics'],
    [
      'the first of equal qualities wins in the reverse order',
      `${PROTOBUF}, ${OPENMETRICS}`,
      'protobuf',
    ],
    ['a quality of 0 excludes a format', `${OPENMETRICS};q=0, ${PROTOBUF};q=0.0`, 'text'],
    ['a wildcard may have the higher quality', `${OPENMETRICS};q=0.1, */*;q=0.5`, 'text'],
    ['any text may have the higher quality', `${OPENMETRICS};q=0.1, text/*;q=0.5`, 'text'],
    ['three decimals are compared', `text/plain;q=0.123, ${OPENMETRICS};q=0.124`, 'openmetrics'],
  ])('in the Accept header, %s', (_rule, accept, format) => {
    expect(negotiateFormat(accept)).toBe(format);
  });

  it.each<[string, string, Format]>([
    ['OpenMetrics without a version', OPENMETRICS, 'openmetrics'],
    ['a later minor version', `${OPENMETRICS}; version=1.1.0`, 'openmetrics'],
    ['the version before the standard', `${OPENMETRICS}; version=0.0.1`, 'text'],
    ['a future version', `${OPENMETRICS}; version=2.0.0`, 'text'],
    ['text of another version', `text/plain;version=1.0.0, ${OPENMETRICS};q=0.1`, 'openmetrics'],
    ['protobuf that is not delimited', PROTOBUF.replace('delimited', 'compact-text'), 'text'],
    ['protobuf with other messages', PROTOBUF.replace('MetricFamily', 'Metric'), 'text'],
    ['protobuf without parameters', 'application/vnd.google.protobuf', 'text'],
  ])('a format is chosen by the parameters of the Accept header: %s', (_of, accept, format) => {
    expect(negotiateFormat(accept)).toBe(format);
  });

  it.each<[string, string, Format]>([
    ['blanks', `  ${OPENMETRICS} ; version = 1.0.0 ; q = 0.9 , text/plain;q=0.1`, 'openmetrics'],
    ['capital letters', `Application/OpenMetrics-Text; Version=1.0.0; Q=0.5`, 'openmetrics'],
    ['blanks around a version', `${OPENMETRICS}; version = 0.0.1`, 'text'],
    ['blanks around a quality', `text/plain;q=0.5, ${OPENMETRICS}; q = 0.1`, 'text'],
    ['a version in capital letters', `${OPENMETRICS}; VERSION=0.0.1`, 'text'],
    ['a quality in capital letters', `text/plain;q=0.5, ${OPENMETRICS}; Q=0.1`, 'text'],
    ['a parameter without a value', `${OPENMETRICS}; version`, 'text'],
    ['quoted parameters', `${OPENMETRICS}; version="1.0.0"`, 'openmetrics'],
    ['a quote at the end', `${OPENMETRICS};q=0.1, text/plain;version=0.0."4"`, 'openmetrics'],
    ['a quote at the start', `${OPENMETRICS};q=0.1, text/plain;version="0".0.4`, 'openmetrics'],
    ['empty entries', `,,,${OPENMETRICS},,`, 'openmetrics'],
    ['empty parameters', `${OPENMETRICS};;;`, 'openmetrics'],
    ['a quality that is not a number', `${OPENMETRICS};q=high`, 'text'],
    ['a quality above 1', `${OPENMETRICS};q=2`, 'text'],
    ['a negative quality', `${OPENMETRICS};q=-1`, 'text'],
    ['an empty quality', `${OPENMETRICS};q=`, 'text'],
    ['no slash', 'openmetrics', 'text'],
    [
      'an invalid entry before a valid one',
      `;q=1,/,${OPENMETRICS};q=x,${PROTOBUF};q=0.1`,
      'protobuf',
    ],
  ])('a format is chosen for a malformed or unusual Accept header: %s', (_what, accept, format) => {
    expect(negotiateFormat(accept)).toBe(format);
  });

  it('a format is chosen for any Accept header', () => {
    const fragment = fc.constantFrom(
      ';',
      ',',
      '=',
      '"',
      'q',
      'q=0.5',
      '*/*',
      OPENMETRICS,
      PROTOBUF,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fragment, fc.string())), (fragments) => {
        expect(Object.keys(CONTENT_TYPE)).toContain(negotiateFormat(fragments.join('')));
      }),
      { numRuns: 1000 },
    );
  });

  it('the Accept header decides the content type of renderMetrics', async () => {
    const contentTypes = await Promise.all(
      [PROMETHEUS, PROMETHEUS_NATIVE, '*/*'].map(
        async (accept) => (await renderMetrics({ accept })).contentType,
      ),
    );
    expect(contentTypes).toEqual([
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
  });
});
