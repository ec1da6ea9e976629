import { posix, win32 } from 'node:path';

import { expect, test } from 'vitest';

import { portablePath } from '../../../src/tools/cli/portable-path';

test('the path between two folders of Windows has slashes', () => {
  expect(portablePath('C:\\app\\tests', 'C:\\app\\rules\\thrift.yml', win32)).toBe(
    '../rules/thrift.yml',
  );
});

test('a path to another drive of Windows stays absolute', () => {
  expect(portablePath('C:\\app', 'D:\\rules\\thrift.yml', win32)).toBe('D:/rules/thrift.yml');
});

test('a backslash in the name of a file stays where it is not a separator', () => {
  expect(portablePath('/app/tests', '/app/rules\\thrift.yml', posix)).toBe('../rules\\thrift.yml');
});
