import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { readConfigFile } from '../../src/configuration/read-config-file';
import { SECRET, temporaryFolder } from './examples';

const { folder, remove } = temporaryFolder();
afterAll(remove);

let files = 0;
function write(content: string | Buffer): string {
  const path = join(folder, `${++files}.yml`);
  writeFileSync(path, content);
  return path;
}

/** The settings of a file without problems, by their keys. */
function settingsIn(content: string | Buffer): unknown {
  const { settings, problems } = readConfigFile(write(content));
  expect(problems.map(({ error }) => error.message)).toEqual([]);
  return Object.fromEntries([...settings].map(([{ key }, { value }]) => [key, value]));
}

const messagesIn = (path: string): string[] =>
  readConfigFile(path).problems.map(({ error }) => error.message.replaceAll(`${folder}/`, ''));

describe('a file in an unusual form is read', () => {
  test.each([
    ['YAML', 'enabled: false\nserver:\n  port: 9\n'],
    ['JSON', '{"enabled":false,"server":{"port":9}}'],
    [
      'JSON with tabs',
      '{\n\t"$schema": "./config.json",\n\t"enabled": false,\n\t"server": {\n\t\t"port": 9\n\t}\n}\n',
    ],
    ['a byte order mark', '\uFEFFenabled: false\nserver: { port: 9 }\n'],
    ['CRLF', 'enabled: false\r\nserver:\r\n  port: 9\r\n'],
    ['text instead of values', "enabled: 'No'\nserver:\n  port: '9'\n"],
    ['empty values', 'enabled: false\nprefix:\nserver:\n  port: 9\n  token: ""\n  host: ~\n'],
    ['values of spaces', 'enabled: false\ncallerName: " "\nserver: { port: 9, host: "  " }\n'],
    ['an anchor', 'enabled: &off false\nserver: { port: 9, page: ~ }\n'],
  ])('a file with %s is read', (_title, content) => {
    expect(settingsIn(content)).toEqual({ enabled: false, 'server.port': 9 });
  });

  test.each([
    ['nothing', ''],
    ['comments', '# enabled: false\n'],
    ['an end of the document', '---\n...\n'],
  ])('a file with %s sets nothing', (_title, content) => {
    expect(settingsIn(content)).toEqual({});
  });
});

test('paths in a file are relative to its folder', () => {
  expect(settingsIn('server: { tokenFile: token.txt, tls: { certFile: /etc/cert.pem } }')).toEqual({
    'server.tokenFile': join(folder, 'token.txt'),
    'server.tls.certFile': '/etc/cert.pem',
  });
});

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefgh'.split('').map((name, i) => {
    const before = 'abcdefgh'[i];
    return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`;
  }),
].join('\n');

describe('a hostile file gives one sentence', () => {
  test.each<[string, string | Buffer, string]>([
    ['a list', '- enabled\n', 'is not a mapping'],
    ['a text', `token:${SECRET}`, 'is not a mapping'],
    [
      'an unclosed quote',
      `enabled: true\ntoken: "${SECRET}\n`,
      ':3: the file is not valid YAML or JSON here',
    ],
    [
      'an unclosed bracket',
      `server: { token: ${SECRET}\nenabled: true\n`,
      'is not valid YAML or JSON here',
    ],
    ['a tab', `enabled: true\nserver:\n\ttoken: ${SECRET}\n`, ':3: a tab indents this line'],
    [
      'a key twice',
      `enabled: true\nserver:\n  token: a\n  token: ${SECRET}\n`,
      ':4: this key is there twice',
    ],
    ['two documents', 'enabled: true\n---\nenabled: false\n', ':2: the file has several documents'],
    ['a tag', 'enabled: !!js/function x\n', ':1: the tag is unknown'],
    ['a key that is a list', '? [a]\n: b\n', 'is not text'],
    [
      'an alias without an anchor',
      'enabled: true\nprefix: *nothing\n',
      'aliases without an anchor',
    ],
    ['a bomb of aliases', bomb.replace(/^h: &h/m, 'defaultLabels: &h'), 'too many'],
    ['brackets', '['.repeat(60_000), 'nested too deeply'],
    ['braces', '{a: '.repeat(15_000), 'nested too deeply'],
    ['dashes', '- '.repeat(30_000), 'nested too deeply'],
    [
      'an indented tower',
      Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'nested too deeply',
    ],
    ['NUL bytes', 'enabled: true\0\n', 'contains a NUL byte'],
    ['UTF-16', Buffer.from('\uFEFFenabled: true\n', 'utf16le'), 'is not UTF-8'],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'is not UTF-8'],
    ['more than 64 kB', `# ${'x'.repeat(65_536)}\n`, 'holds more than 64 kB'],
  ])('a file with %s gives one sentence without its secret', (_title, content, sentence) => {
    const messages = messagesIn(write(content));
    expect(messages).toEqual([expect.stringContaining(sentence)]);
    expect(messages[0]).not.toContain(SECRET);
    expect(messages[0]).toMatch(/^[^\n]{20,300}\.$/);
  });

  test('a file of 100 MB is refused', () => {
    const path = join(folder, 'large.yml');
    const descriptor = openSync(path, 'w');
    ftruncateSync(descriptor, 100 * 1024 * 1024);
    closeSync(descriptor);
    expect(messagesIn(path)).toEqual([expect.stringContaining('holds more than 64 kB')]);
  });

  test('a folder, a pipe, a device, a circle of links and a missing file are refused', () => {
    const at = (name: string): string => join(folder, name);
    mkdirSync(at('folder'));
    execFileSync('mkfifo', [at('pipe')]);
    symlinkSync('circle', at('circle'));
    expect(messagesIn(at('folder'))).toEqual([expect.stringContaining('is a directory')]);
    expect(messagesIn(at('pipe'))).toEqual([expect.stringContaining('is not a regular file')]);
    expect(messagesIn('/dev/zero')).toEqual([expect.stringContaining('is not a regular file')]);
    expect(messagesIn(at('circle'))).toEqual([expect.stringContaining('cannot be read (ELOOP)')]);
    expect(messagesIn(at('missing'))).toEqual([expect.stringContaining('does not exist')]);
  });
});

describe('an unknown key', () => {
  test.each([
    ['enabeld: true', ":1: the key 'enabeld' is unknown. Did you mean 'enabled'?"],
    ['enabled: true\nport: 1', ":2: the key 'port' is unknown. Did you mean 'server.port'?"],
    ['server:\n  buckets: [1]', ":2: the key 'server.buckets' is unknown. Did you mean 'buckets'?"],
    ['zzzzzzzzzz: 1', ":1: the key 'zzzzzzzzzz' is unknown. Allowed: enabled, "],
    ['exemplar: x', ":1: the option 'exemplar' is not data."],
    ['__proto__: { enabled: false }', ":1: the key '__proto__' is unknown."],
    ['"a\\e[31m\\n": 1', String.raw`the key 'a\x1b[31m\x0a' is unknown.`],
  ])('%s is reported with its line and the nearest key', (content, message) => {
    expect(messagesIn(write(content))).toEqual([expect.stringContaining(message)]);
  });

  test('a file that is something else is reported with its first 20 keys and the number of the others', () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `unknown${i}: 1`);
    const messages = messagesIn(write(keys.join('\n')));
    expect(messages).toHaveLength(21);
    expect(messages.at(-1)).toContain(':21: 980 more keys are wrong, from here on.');
  });

  test('settings after many unknown keys are read', () => {
    const keys = Array.from({ length: 50 }, (_, i) => `unknown${i}: 1`);
    const { settings } = readConfigFile(
      write([...keys, 'enabled: false', 'server: { token: abc }'].join('\n')),
    );
    const read = [...settings].map(([{ key }, { value }]) => [key, value]);
    expect(read).toEqual([
      ['enabled', false],
      ['server.token', 'abc'],
    ]);
  });

  test('a text in place of a mapping is reported and not shown', () => {
    const [message] = messagesIn(write(`server: ${SECRET}\n`));
    expect(message).toContain("'server' is text. Expected a mapping with the keys server.port");
    expect(message).not.toContain(SECRET);
  });
});
