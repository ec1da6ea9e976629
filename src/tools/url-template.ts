import { checkOption, isUrlTemplate, type OptionCheck } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';

const PLACEHOLDER = /\{(\w+)\}/g;

/** Checks an option that is an http or https URL with these placeholders, and with no others. */
export function checkUrlTemplate(names: readonly string[]): OptionCheck {
  const known = names.map((name) => `{${name}}`);
  const allowed = `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`;
  return (where, name, value) => {
    const expected = `an http or https URL, such as 'https://wiki.example.com/${known[0]}'`;
    checkOption(where, name, value, isUrl, expected);
    const unknown = String(value)
      .match(PLACEHOLDER)
      ?.find((each) => !known.includes(each));
    if (unknown === undefined) return;
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: option '${name}' contains the unknown placeholder ${unknown}. Use ${allowed}.`,
    );
  };
}

function isUrl(value: unknown): boolean {
  return isUrlTemplate(value, (template) => template.replaceAll(/[{}]/g, ''));
}
