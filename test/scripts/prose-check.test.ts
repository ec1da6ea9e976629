import { expect, test } from 'vitest';

import { findPhrases } from '../../scripts/prose-check.mjs';

const found = (text: string, path = 'src/a.ts') =>
  findPhrases(path, text).map((each) => each.found);

test.each([
  ['a proxy is no receiver', 'is no receiver'],
  ['if the names are no strings', 'are no strings'],
  ['it was no message', 'was no message'],
  ['it is no `Gauge`', 'is no `Gauge'],
  ['is loaded anew', 'anew'],
  ['Whoever calls it', 'Whoever'],
  ['to whomever it may concern', 'whomever'],
  ['nobody but the server', 'nobody but'],
  ['the caller is told', 'is told'],
  ['they are told once', 'are told'],
  ['it has been told', 'been told'],
  ['a limit that a label told of', 'told of'],
  ['it tells of its end', 'tells of'],
  ['reckons quantiles', 'reckons'],
  ['it bears a message', 'bears'],
  ['they are to be had at once', 'to be had'],
  ['the method has none of it', 'none of it'],
  ['Of these, a method is measured', 'Of these,'],
  ['Those of now', 'Those of'],
  ['a foreign metric', 'foreign metric'],
  ['its last word', 'last word'],
  ['the epoch of the gauge', 'epoch'],
  ['an active call', 'active call'],
  ['observed calls', 'observed calls'],
  ['a listed call', 'listed call'],
  ['for who has rested', 'who has'],
  ['the declarer of a method', 'declarer'],
  ['no other rooms import it', 'other rooms'],
])('the phrase in "%s" is found', (text, phrase) => {
  expect(found(`// ${text}`)).toContainEqual(expect.stringContaining(phrase));
});

test.each([
  'there is no receiver',
  'There are no names',
  'it is no longer used',
  'it is no more than a cell',
  'it is no larger than before',
  'it is not a receiver',
  'both dialects are told apart',
  'there is room for a label',
  'a bearer token',
  'see test/declaration/reloaded-class.test.ts',
  'thrift_server_active_requests',
])('"%s" is accepted', (text) => {
  expect(found(`// ${text}`)).toEqual([]);
});

test('a finding has the line at which the phrase begins, and what to write instead', () => {
  expect(findPhrases('docs/a.md', 'One.\n\nTwo. Whoever three.\n')).toEqual([
    { line: 3, found: 'Whoever', instead: 'anyone who, code that' },
  ]);
});

test('findings are in the order of the text', () => {
  expect(found('// It bears it.\n// It is loaded anew.\n// It is no list.\n')).toEqual([
    'bears',
    'anew',
    'is no list',
  ]);
});

test.each([
  '/**\n * The caller is\n * told so.\n */',
  '// The caller is\n  // told so.',
  '# is\n# told',
])('a phrase is found across a line break in a comment: %j', (text) => {
  expect(found(text)).toEqual(['is told']);
});

test('a phrase in a string or a title is found', () => {
  expect(found("test('a proxy is no receiver', () => {});", 'test/a.test.ts')).toHaveLength(1);
});

test('a fenced block of Markdown is prose only in the comments of code', () => {
  const block = (language: string) => `\`\`\`${language}\n// is loaded anew\n\`\`\`\n`;
  expect(found(block('text'), 'docs/a.md')).toEqual([]);
  expect(found(block('sh keeps-running'), 'docs/a.md')).toEqual([]);
  expect(found(block('ts title="a.ts"'), 'docs/a.md')).toEqual(['anew']);
  expect(findPhrases('docs/a.md', `${block('text')}anew\n`)).toMatchObject([{ line: 4 }]);
});

test('a room is a phrase to avoid only in the comments of the source', () => {
  expect(found('const other = the.room; // no other rooms')).toHaveLength(1);
  expect(found('// no other rooms', 'test/a.ts')).toEqual([]);
  expect(found("const text = 'the room';")).toEqual([]);
});
