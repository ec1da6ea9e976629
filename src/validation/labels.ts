import { ThriftMetricsError } from '../errors';
import { checkLabelName } from './names';
import { isObject, show } from './options';

/** Labels whose values must all be strings, such as default labels. */
export function checkConstantLabels(
  where: string,
  labels: unknown,
  reserved: readonly string[],
): asserts labels is Record<string, string> {
  checkLabels(where, labels, reserved, (value) => typeof value === 'string', 'a string');
}

/** Labels of a decorator: strings, or functions of the call. */
export function checkCallLabels(
  where: string,
  labels: unknown,
  reserved: readonly string[],
): asserts labels is Record<string, string | ((call: never) => string)> {
  checkLabels(
    where,
    labels,
    reserved,
    (value) => typeof value === 'string' || typeof value === 'function',
    'a string, or a function that returns one for a call',
  );
}

function checkLabels(
  where: string,
  labels: unknown,
  reserved: readonly string[],
  valid: (value: unknown) => boolean,
  expected: string,
): void {
  if (!isObject(labels) || Array.isArray(labels)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: the labels are ${show(labels)}. Expected an object, such as { tier: 'gold' }.`,
    );
  }
  for (const [name, value] of Object.entries(labels)) {
    checkLabelName(where, name, reserved);
    if (!valid(value)) {
      throw new ThriftMetricsError(
        'TM_ERR_LABEL_VALUE',
        `${where}: label '${name}' is ${show(value)}. Expected ${expected}.`,
      );
    }
  }
}
