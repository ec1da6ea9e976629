import { describe, expect, test } from 'vitest';

import { CounterCell } from '../../src/metrics/cell';
import { Family } from '../../src/metrics/family';
import { LabelNames } from '../../src/metrics/label-names';
import { parseLabelText, seriesText } from '../../src/metrics/labels';
import { LabelTemplate } from '../../src/metrics/label-template';
import type { VariableSeries } from '../../src/metrics/variable-series';
import { CallLabels } from '../../src/recording/call-labels';
import { LabelTree } from '../../src/recording/label-tree';
import { defaultSettings } from '../../src/runtime/settings';

const at = { location: 'CalculatorHandler.add' };
const constant = { thrift_service: 'Calculator', thrift_method: 'add' };

function create(): Family<'counter'> {
  return new Family('calls_total', 'calls_total', 'counter', 'Calls.', at, defaultSettings());
}

function variableOf(family: Family<'counter'>, ...names: string[]): VariableSeries<'counter'> {
  return family.variable(constant, names, at, new LabelTree());
}

function count(family: Family<'counter'>, series: VariableSeries<'counter'>, ...values: string[]) {
  const cell =
    family.cellOfCall(series, values) ?? family.addOfCall(series, values, new CounterCell());
  cell.value++;
  return cell;
}

/** The counts by label text. */
function shown(family: Family<'counter'>): Record<string, number> {
  return Object.fromEntries([...family.shown()].map(({ text, cell }) => [text, cell.value]));
}

describe('series whose labels depend on the call', () => {
  test('each combination of values is a series with the labels of all of them, sorted', () => {
    const family = create();
    const series = variableOf(family, 'tenant', 'op');
    count(family, series, 'acme', 'ADD');
    count(family, series, 'acme', 'ADD');
    count(family, series, 'acme "x"\n', '\\');
    expect(shown(family)).toEqual({
      'op="ADD",tenant="acme",thrift_method="add",thrift_service="Calculator"': 2,
      'op="\\\\",tenant="acme \\"x\\"\\n",thrift_method="add",thrift_service="Calculator"': 1,
    });
    expect(family.size).toBe(2);
    expect([...family.series()].map(({ labels }) => labels)).toEqual([
      { op: 'ADD', tenant: 'acme', ...constant },
      { op: '\\', tenant: 'acme "x"\n', ...constant },
    ]);
  });

  test('two declarations of the same labels share their cells', () => {
    const family = create();
    const cell = count(family, variableOf(family, 'tenant'), 'acme');
    const again = family.variable(
      constant,
      ['tenant'],
      at,
      new CallLabels([]).column<'counter'>('requests'),
    );
    expect(family.cellOfCall(again, ['acme'])).toBe(cell);
    count(family, again, 'other');
    expect(family.size).toBe(2);
  });

  test.each([
    ['names in another order', { names: ['op', 'tenant'], constant }],
    [
      'a constant label instead of a variable one',
      { names: ['op'], constant: { ...constant, tenant: 'acme' } },
    ],
    ['an empty label that the other does not have', { names: ['op', 'tenant', 'zone'], constant }],
  ])('labels that are declared as %s lead to the same series', (_title, other) => {
    const family = create();
    const cell = count(family, variableOf(family, 'tenant', 'op'), 'acme', 'ADD');
    const series = family.variable(other.constant, other.names, at, new LabelTree());
    const byName: Record<string, string> = { tenant: 'acme', op: 'ADD', zone: '' };
    const values = other.names.map((name) => byName[name] as string);
    expect(count(family, series, ...values)).toBe(cell);
    expect(count(family, series, ...values)).toBe(cell);
    expect(Object.values(shown(family))).toEqual([3]);
    expect(family.size).toBe(1);
  });

  test('a constant series that is declared later takes over the cell and shows it once', () => {
    const family = create();
    const series = variableOf(family, 'tenant');
    const cell = count(family, series, 'acme');
    const labels = { ...constant, tenant: 'acme' };
    expect(family.find(labels)?.cell).toBe(cell);
    const stored = family.findOrCreate(labels, at, () => new CounterCell());
    expect(stored.cell).toBe(cell);
    expect(family.findOrCreate(labels, at, () => new CounterCell())).toBe(stored);
    expect(count(family, series, 'acme')).toBe(cell);
    expect(Object.values(shown(family))).toEqual([2]);
    expect(family.size).toBe(1);
  });

  test('a constant series that is declared earlier is the series of the call', () => {
    const family = create();
    const labels = { ...constant, tenant: 'acme' };
    const { cell } = family.findOrCreate(labels, at, () => new CounterCell());
    const series = variableOf(family, 'tenant');
    expect(count(family, series, 'acme')).toBe(cell);
    expect(count(family, series, '')).not.toBe(cell);
    expect(Object.values(shown(family))).toEqual([1, 1]);
  });

  test('labels named like members of every object are labels', () => {
    const family = create();
    const cell = count(family, variableOf(family, 'constructor'), 'acme');
    expect(family.find({ ...constant, constructor: 'acme' })?.cell).toBe(cell);
    expect(family.find(constant)).toBeUndefined();
    expect(family.find({ ...constant, constructor: 'acme', toString: 'x' })).toBeUndefined();
  });

  test('a reset sets all series of calls to 0', () => {
    const family = create();
    count(family, variableOf(family, 'tenant'), 'acme');
    family.reset();
    expect(Object.values(shown(family))).toEqual([0]);
  });

  test('the series of a call know their declaration, for the error of the series limit', () => {
    expect(variableOf(create(), 'tenant').declaredBy).toBe(at);
  });
});

describe('the label text of a template', () => {
  const values = ['a"b', 'ü', ''];
  const names = ['zone', 'thrift_exception_type', 'a'];
  const template = LabelTemplate.of({ ...constant, thrift_success: 'true' }, names);
  const labels = {
    ...constant,
    thrift_success: 'true',
    zone: 'a"b',
    thrift_exception_type: 'ü',
    a: '',
  };

  test('the label text of a template is that of a stored series', () => {
    expect(template.text(values)).toBe(seriesText(labels));
    expect(template.labelsOf(values)).toEqual(labels);
    expect(LabelTemplate.of({}, ['a']).text(['x'])).toBe('a="x"');
  });

  test.each([
    { thrift_method: 'method', thrift_exception_type: 'error' },
    { thrift_service: 'zone' },
    { thrift_service: 'a', thrift_method: 'zone' },
  ])(
    'the label text of a template with own names %o is that of a stored series with these names',
    (mapping) => {
      const own = new LabelNames(mapping);
      const renamed = template.with(own).text(values);
      expect(renamed).toBe(own.inText(seriesText(labels)));
      expect(parseLabelText(renamed)).toEqual(own.inLabels(labels));
      expect(template.with(own)).toBe(template.with(own));
    },
  );
});
