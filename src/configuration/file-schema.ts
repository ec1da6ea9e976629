import type { JsonSchema } from './setting-kinds';
import { type Setting, SETTINGS } from './settings-table';

/** Creates the JSON schema of the configuration file, with which editors complete and check it. */
export function createFileSchema(): JsonSchema {
  const settings = SETTINGS.filter(({ key }) => key !== null);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Settings of thrift-metrics',
    ...groupSchema(settings, '', { $schema: { type: 'string' } }),
  };
}

function groupSchema(
  settings: readonly Setting[],
  prefix: string,
  others: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  const properties: Record<string, JsonSchema> = { ...others };
  for (const setting of settings) {
    const [name = '', ...rest] = (setting.key ?? '').slice(prefix.length).split('.');
    const path = `${prefix}${name}.`;
    properties[name] ??=
      rest.length === 0
        ? settingSchema(setting)
        : groupSchema(
            settings.filter(({ key }) => key?.startsWith(path)),
            path,
          );
  }
  return { type: 'object', additionalProperties: false, properties };
}

function settingSchema({ kind, meaning, fallback }: Setting): JsonSchema {
  const description = meaning.replaceAll('`', '');
  return { description, ...(fallback !== null && { default: fallback }), ...kind.schema };
}
