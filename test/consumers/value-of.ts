import { expect } from 'vitest';

import { parseText } from '../support/text-format';

/** The value of the only sample with this name and all of these labels. */
export function valueOf(text: string, name: string, labels: Readonly<Record<string, string>>) {
  const found = parseText(text).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels.get(label) === value),
  );
  expect(found).toHaveLength(1);
  return found[0]?.value;
}
