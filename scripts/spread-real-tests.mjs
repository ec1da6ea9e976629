import { BaseSequencer } from 'vitest/node';

/**
 * Runs tests of real programs between those of other projects, where vitest would run one project after the other. They
 * mostly wait, for the next scrape or evaluation, and the others mostly compute.
 */
export class SpreadRealTests extends BaseSequencer {
  async sort(files) {
    // oxlint-disable-next-line unicorn/no-array-sort -- not the method of an array
    const sorted = await super.sort(files);
    const isReal = ({ project }) => project.name.startsWith('real');
    return spread(
      sorted.filter(isReal),
      sorted.filter((file) => !isReal(file)),
    );
  }
}

/** Puts one item of the first list after every two of the second. Tests of real programs take longer, so they start early. */
export function spread(first, second) {
  const turns = Math.max(first.length, Math.ceil(second.length / 2));
  return Array.from({ length: turns }, (_, i) => [
    ...second.slice(2 * i, 2 * i + 2),
    ...first.slice(i, i + 1),
  ]).flat();
}
