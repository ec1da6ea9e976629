import { expect, test, vi } from 'vitest';

import { LabelNames } from '../../src/metrics/label-names';
import { UserLabels } from '../../src/runtime/user-labels';
import { errorOf } from '../support/error-of';

const renaming = (mapping: Record<string, string>): LabelNames => new LabelNames(mapping);
const RENAMED = renaming({ thrift_service: 'service', thrift_method: 'thrift_method' });

/** Labels of a program whose built-in labels have these names. */
function create(labelNames: LabelNames, withdraw: ((reason: unknown) => void) | null = null) {
  return new UserLabels({ labelNames, withdraw: { buckets: null, labelNames: withdraw } });
}

test('a label of the program that has the new name of a built-in label is refused with its location', () => {
  const { code, message } = errorOf(() => create(RENAMED).add(['tenant', 'service'], 'Shop.add'));
  expect(code).toBe('TM_ERR_LABEL_NAME');
  expect(message).toMatch(/^Shop\.add: label 'service' .*'thrift_service'/);
});

test('a label of the program is accepted if the name was set outside the program, which is taken back', () => {
  const withdraw = vi.fn();
  create(RENAMED, withdraw).add(['tenant', 'service'], 'Shop.add');
  expect(withdraw.mock.calls).toEqual([[expect.objectContaining({ code: 'TM_ERR_LABEL_NAME' })]]);
});

test('a label of the program is accepted if no built-in label has its name', () => {
  expect(() => create(RENAMED).add(['tenant', 'thrift_method'], 'Shop.add')).not.toThrow();
});

/** The labels `tenant` of two methods, and `thrift_method` of one. */
function known(): UserLabels {
  const labels = create(renaming({}));
  labels.add(['tenant'], 'Shop.add');
  labels.add(['tenant', 'thrift_method'], 'Stock.find');
  return labels;
}

test('a new name of a built-in label is refused if a label of the program has it, with the location of the first one', () => {
  const { code, message } = errorOf(() =>
    known().checkNames(renaming({ thrift_service: 'tenant' }), 'configureMetrics'),
  );
  expect(code).toBe('TM_ERR_LABEL_NAME');
  expect(message).toMatch(/^configureMetrics: 'thrift_service' .*'tenant', because Shop\.add /);
});

test.each([
  ['no label of the program has it', { thrift_service: 'service' }],
  ['it is the built-in one', { thrift_method: 'thrift_method' }],
])('a new name of a built-in label is accepted if %s', (_, mapping) => {
  expect(() => known().checkNames(renaming(mapping), 'configureMetrics')).not.toThrow();
});
