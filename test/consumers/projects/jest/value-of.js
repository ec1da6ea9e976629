'use strict';

/** The value of the only line of the text with this sample name and all of these labels. */
exports.valueOf = function valueOf(text, name, labels) {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((each) => line.includes(each)));
  expect(lines).toHaveLength(1);
  return Number(lines[0].split(' ').at(-1));
};
