import { expect } from 'vitest';

import { parseText } from '../support/text-format';

/** The value of the one sample of this name that has all of these labels. */
export function valueOf(text: string, name: string, labels: Readonly<Record<string, string>>) {
  const found = parseText(text).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels.get(label) === value),
  );
  expect(found).toHaveLength(1);
  return found[0]?.value;
}
