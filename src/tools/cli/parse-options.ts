import { InvalidArgumentError, Option } from 'commander';

/** Reads a number above 0, given after an option. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('A number above 0 is expected.');
  }
  return value;
}

/** Reads a time in seconds that a timer can wait for. */
export function parseSeconds(text: string): number {
  const value = parsePositive(text);
  if (value < 0.1 || value > 86_400) {
    throw new InvalidArgumentError('Seconds from 0.1 to 86400 are expected.');
  }
  return value;
}

/** Reads one of several values. */
export function parseRepeated(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** Reads one of several `name=value`. */
export function parseLabel(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('A label as in severity=page is expected.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Reads one of several `Name: value`. */
export function parseHeader(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const [, name, value] =
    /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("A header as in 'Authorization: Bearer token' is expected.");
  }
  return { ...before, [name]: value };
}

export const outputOption = (): Option =>
  new Option('-o, --output <file>', 'write to this file instead of standard output');

export const loadTimeoutOption = (): Option =>
  new Option('--timeout <seconds>', 'how long a module may take to load')
    .argParser(parseSeconds)
    .default(10);
