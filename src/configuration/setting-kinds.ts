import { RENAMABLE_LABELS } from '../metrics/label-names';

/** A JSON schema, as far as the settings need it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** A kind of value: how it is written as text, and how in the file. */
export interface SettingKind {
  /**
   * Converts the text of an environment variable, or of a string in the file. Text that is not of this kind is returned as it
   * is: the check of the option then refuses it, and says what is allowed.
   */
  readonly parse: (text: string) => unknown;
  /** What the file may hold. */
  readonly schema: JsonSchema;
  /** What is allowed, in words, for the documentation. */
  readonly allowed: string;
  /** Whether the value must not appear in messages. */
  readonly isSecret?: boolean;
  /** Whether the value is the path of a file. In the configuration file, it is relative to the folder of that file. */
  readonly isPath?: boolean;
}

/** Whether a text sets nothing, as templates leave it. A space can be part of a secret. */
export function isEmptyText({ isSecret }: SettingKind, text: string): boolean {
  return (isSecret === true ? text : text.trim()) === '';
}

const TRUE: ReadonlySet<string> = new Set(['true', '1', 'on', 'yes']);
const FALSE: ReadonlySet<string> = new Set(['false', '0', 'off', 'no']);
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const WHOLE_NUMBER = /^\d+$/;

function parseSwitch(text: string): unknown {
  const word = text.trim().toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : text;
}

function parseWholeNumber(text: string): unknown {
  return WHOLE_NUMBER.test(text.trim()) ? Number(text) : text;
}

function parseNumber(text: string): unknown {
  return NUMBER.test(text.trim()) ? Number(text) : text;
}

function parseNumbers(text: string): unknown {
  if (text.trim().startsWith('[')) return parseJson(text);
  const items = itemsOf(text);
  return items.length > 0 && items.every((item) => NUMBER.test(item)) ? items.map(Number) : text;
}

/** Parses `name=value,name=value`, or an object in JSON. A value keeps its own equals signs. */
function parsePairs(text: string): unknown {
  if (text.trim().startsWith('{')) return parseJson(text);
  const pairs = itemsOf(text).map((item): [string, string] | null => {
    const at = item.indexOf('=');
    return at === -1 ? null : [item.slice(0, at).trim(), item.slice(at + 1).trim()];
  });
  if (pairs.length === 0 || !pairs.every((pair) => pair !== null)) return text;
  const names = new Set(pairs.map(([name]) => name));
  return names.size === pairs.length ? Object.fromEntries(pairs) : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function parseNativeHistograms(text: string): unknown {
  const isOn = parseSwitch(text);
  if (typeof isOn === 'boolean') return isOn;
  const pairs = parsePairs(text);
  if (typeof pairs !== 'object' || pairs === null) return text;
  return Object.fromEntries(
    Object.entries(pairs).map(([name, value]) => {
      const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
      return [name, number];
    }),
  );
}

function parseCalls(text: string): unknown {
  const isOn = parseSwitch(text);
  if (typeof isOn === 'boolean') return isOn;
  const pairs = parsePairs(text);
  if (typeof pairs !== 'object' || pairs === null) return text;
  return Object.fromEntries(
    Object.entries(pairs).map(([name, value]) => [
      name,
      typeof value === 'string' ? parseSwitch(value) : (value as unknown),
    ]),
  );
}

/** Splits a list at its commas. An empty item, such as one after a last comma, does not count. */
function itemsOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

const trimmed = (text: string): string => text.trim();

export const SWITCH: SettingKind = {
  parse: parseSwitch,
  schema: { type: 'boolean' },
  allowed: '`true` or `false`',
};

export const COUNT: SettingKind = {
  parse: parseWholeNumber,
  schema: { type: 'integer', minimum: 1 },
  allowed: 'a whole number above 0',
};

export const SECONDS: SettingKind = {
  parse: parseNumber,
  schema: { type: 'number', exclusiveMinimum: 0 },
  allowed: 'a number of seconds above 0',
};

export const PORT: SettingKind = {
  parse: parseWholeNumber,
  schema: { type: 'integer', minimum: 0, maximum: 65_535 },
  allowed: 'a whole number up to 65535',
};

export const NUMBERS: SettingKind = {
  parse: parseNumbers,
  schema: { type: 'array', items: { type: 'number' }, minItems: 1, uniqueItems: true },
  allowed: 'ascending numbers: `0.01,0.1,1`',
};

export const LABELS: SettingKind = {
  parse: parsePairs,
  schema: {
    type: 'object',
    propertyNames: { pattern: '^(?!__)(?!(?:le|quantile)$)[a-zA-Z_][a-zA-Z0-9_]*$' },
    additionalProperties: { type: 'string' },
  },
  allowed: 'names and values: `env=prod,region=eu`',
};

export const LABEL_NAMES: SettingKind = {
  parse: parsePairs,
  schema: {
    type: 'object',
    propertyNames: { enum: RENAMABLE_LABELS },
    additionalProperties: { type: 'string', pattern: '^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$' },
  },
  allowed: 'built-in and own names: `thrift_service=service,thrift_method=method`',
};

const BOOLEAN = { type: 'boolean' } as const;
const PATTERN = { type: 'string', minLength: 1 } as const;
const FRACTION = { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 } as const;
const BOUNDS: JsonSchema = {
  type: 'array',
  items: { type: 'number' },
  minItems: 1,
  uniqueItems: true,
};

export const RULES: SettingKind = {
  parse: parseJson,
  schema: {
    type: 'array',
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['match'],
      properties: {
        match: {
          type: 'object',
          additionalProperties: false,
          properties: { service: PATTERN, method: PATTERN, metric: PATTERN },
        },
        exclude: BOOLEAN,
        buckets: BOUNDS,
        native: BOOLEAN,
        labels: {
          type: 'object',
          additionalProperties: false,
          required: ['drop'],
          properties: { drop: { type: 'array', items: { type: 'string' }, minItems: 1 } },
        },
        objective: {
          type: 'object',
          additionalProperties: false,
          properties: {
            availability: FRACTION,
            latency: {
              type: 'object',
              additionalProperties: false,
              required: ['target', 'within'],
              properties: { target: FRACTION, within: { type: 'number', exclusiveMinimum: 0 } },
            },
            window: { type: 'string' },
            declaredExceptionsAreErrors: BOOLEAN,
            scope: { enum: ['method', 'service'] },
          },
        },
        anomalies: BOOLEAN,
        maxSeries: { type: 'integer', minimum: 1 },
      },
    },
  },
  allowed: 'a list of [rules](configuration.md#rules), in the environment as JSON',
};

export const PREFIX: SettingKind = {
  parse: trimmed,
  schema: { type: 'string', pattern: '^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$' },
  allowed: 'letters, digits, `_` and `:`',
};

export const NATIVE_HISTOGRAMS: SettingKind = {
  parse: parseNativeHistograms,
  schema: {
    oneOf: [
      { type: 'boolean' },
      {
        type: 'object',
        additionalProperties: false,
        properties: {
          resolution: { type: 'integer', minimum: -4, maximum: 8 },
          maxBuckets: { type: 'integer', minimum: 1 },
        },
      },
    ],
  },
  allowed: '`true`, `false` or `resolution=3,maxBuckets=160`',
};

export const CALLS: SettingKind = {
  parse: parseCalls,
  schema: {
    oneOf: [
      { type: 'boolean' },
      {
        type: 'object',
        additionalProperties: false,
        properties: { enabled: BOOLEAN, arguments: { enum: ['none', 'types'] } },
      },
    ],
  },
  allowed: '`true`, `false` or `arguments=types`',
};

const TEXT: SettingKind = {
  parse: trimmed,
  schema: { type: 'string', minLength: 1 },
  allowed: 'text',
};

export const NAME: SettingKind = {
  parse: trimmed,
  schema: { type: 'string', pattern: String.raw`^[^\u0000-\u001f\u007f-\u009f]{1,256}$` },
  allowed: 'up to 256 characters',
};

export const HOST: SettingKind = {
  parse: trimmed,
  schema: { type: 'string', pattern: '^(?![^:]*:\\d+$)[^\\s/,]+$' },
  allowed: 'a host name or an address',
};

export const URL_PATH: SettingKind = {
  parse: trimmed,
  schema: { type: 'string', pattern: '^/(?!healthz$|-/)[^?#]*$' },
  allowed: 'a path that starts with `/`',
};

export const DASHBOARD_URL: SettingKind = {
  parse: trimmed,
  schema: { type: 'string', pattern: '^https?://[^\\s/]' },
  allowed: 'an `http` or `https` URL, perhaps with `{service}` and `{method}`',
};

export const FILE: SettingKind = { ...TEXT, isPath: true, allowed: 'path of a file' };

export const CONFIG_FILE: SettingKind = { ...TEXT, allowed: 'path of a JSON or YAML file' };

/** Kept as it is: a space can be part of a secret. */
export const SECRET: SettingKind = {
  parse: (text) => text,
  schema: { type: 'string', pattern: '^[!-~]+$' },
  isSecret: true,
  allowed: 'printable ASCII without spaces',
};

export const CREDENTIALS: SettingKind = {
  ...SECRET,
  schema: { type: 'string', pattern: '^[^:]+:[\\s\\S]+$' },
  allowed: '`user:password`',
};
