import { InvalidArgumentError, Option } from 'commander';

/** Parses the value of an option as a number greater than 0. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('Pass a number greater than 0.');
  }
  return value;
}

/** Parses a time in seconds, within the range of a timer. */
export function parseSeconds(text: string): number {
  const value = parsePositive(text);
  if (value < 0.1 || value > 86_400) {
    throw new InvalidArgumentError('Pass a number of seconds from 0.1 to 86400.');
  }
  return value;
}

/** Collects the values of a repeatable option. */
export function parseRepeated(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** Collects the `name=value` pairs of a repeatable option. */
export function parseLabel(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Pass a label such as team=payments.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Collects the `Name: value` headers of a repeatable option. */
export function parseHeader(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const [, name, value] =
    /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Pass a header such as 'Authorization: Bearer token'.");
  }
  return { ...before, [name]: value };
}

/** `--output` of the commands that generate a file. */
export const outputOption = (): Option =>
  new Option('-o, --output <file>', 'file to write to, instead of standard output');

/** `--timeout` of the commands that load modules and read endpoints. */
export const loadTimeoutOption = (): Option =>
  new Option('--timeout <seconds>', 'time limit for loading each module, and for each response')
    .argParser(parseSeconds)
    .default(10);
