import { expect, test } from 'vitest';

import { createPrometheusRules } from '../../src/dashboards';
import { errorOf } from '../support/error-of';
import { exampleRules } from '../support/example-rules';
import { headingsOf, rowsOf } from './markdown';

const rules = exampleRules({ anomalies: true }).groups.flatMap((group) => group.rules);
const alerts = new Set(rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])));
const REFERENCE = 'docs/reference/rules.md';

test('every alert has a runbook, and every runbook has an alert', () => {
  expect(headingsOf('docs/how-to/alerts.md', 3).toSorted()).toEqual([...alerts].toSorted());
});

test('docs/reference/rules.md lists the generated alerts', () => {
  const named = rowsOf(REFERENCE, 'alert', 'severity').map(
    ({ alert = '' }) => /^\[(\w+)\]/.exec(alert)?.[1] ?? alert,
  );
  expect(named.toSorted()).toEqual([...alerts].toSorted());
});

const recorded = rules.flatMap((rule) => ('record' in rule ? [rule.record] : []));
const BAND = /_(?:expected|deviation|lower|upper)$/;

test('docs/reference/rules.md lists the recorded series', () => {
  const documented = rowsOf(REFERENCE, 'series', 'value').map((row) => row['series'] ?? '');
  // The page names one quantile and one window on behalf of all others, and the series of bands by their suffixes.
  const named = recorded
    .filter((name) => !BAND.test(name))
    .map((name) => name.replace(/:p\d\d_/, ':p50_').replace(/:ratio_rate\w+/, ':ratio_rate5m'));
  expect(documented.toSorted()).toEqual([...new Set(named)].toSorted());
});

test('docs/reference/rules.md lists the suffixes of the series of bands', () => {
  const documented = rowsOf(REFERENCE, 'suffix', 'value').flatMap((row) =>
    (row['suffix'] ?? '').split(', '),
  );
  const suffixes = recorded.flatMap((name) => BAND.exec(name)?.[0] ?? []);
  expect(documented.toSorted()).toEqual([...new Set(suffixes)].toSorted());
});

test('docs/reference/rules.md lists the options that createPrometheusRules accepts', () => {
  const column = 'option of createPrometheusRules';
  const { message } = errorOf(() => createPrometheusRules({ noSuchOption: 1 } as never));
  const accepted = /Allowed options: (.*)\.$/.exec(message)?.[1]?.split(', ');
  expect(rowsOf(REFERENCE, column).map((row) => row[column])).toEqual(accepted);
});
