import { expect, test } from 'vitest';

import { firstOf, programName, resourceAttributes } from '../../src/runtime/program-name';

// https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable

const all = {
  OTEL_SERVICE_NAME: 'by name',
  OTEL_RESOURCE_ATTRIBUTES: 'service.name=by attribute',
};
const labels = { service: 'by label' };

test.each([
  ['OTEL_SERVICE_NAME', all, labels, 'by name'],
  ['service.name', { ...all, OTEL_SERVICE_NAME: '' }, labels, 'by attribute'],
  ['the default label service', { OTEL_SERVICE_NAME: '' }, labels, 'by label'],
  ['nothing, if that is empty', {}, { service: '' }, null],
  ['nothing, if no setting names it', {}, {}, null],
])('the name of a program is %s', (_, env, defaultLabels, name) => {
  expect(programName(env, defaultLabels)).toBe(name);
});

const attributesIn = (text?: string): object =>
  Object.fromEntries(resourceAttributes({ OTEL_RESOURCE_ATTRIBUTES: text }));

test.each([
  ['are pairs with spaces around', ' a = 1 , b=2', { a: '1', b: '2' }],
  ['are percent-encoded', 'a=caf%C3%A9%2C%20north', { a: 'café, north' }],
  ['may contain further equals signs', 'a=b=c', { a: 'b=c' }],
  ['may be empty', 'a=', { a: '' }],
  [
    'are taken as they are if they are encoded wrongly',
    'a=%E0%A4%A,b=1',
    { a: '%E0%A4%A', b: '1' },
  ],
  ['leave out a part without an equals sign', 'a,b=1,', { b: '1' }],
  ['are none without the variable', undefined, {}],
])('resource attributes %s', (_, text, expected) => {
  expect(attributesIn(text)).toEqual(expected);
});

test.each([
  [[undefined, '', 'a', 'b'], 'a'],
  [['', undefined], undefined],
  [[], undefined],
])('of %j, the first text that is not empty is %s', (texts, expected) => {
  expect(firstOf(...texts)).toBe(expected);
});
