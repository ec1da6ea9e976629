import { resolve } from 'node:path';

import { PRIMARY_VARIABLE } from '../scrape/workers/worker-messages';
import { createProblem, createUnknown } from './problem';
import { type FoundSettings, nothingFound } from './found-settings';
import { isEmptyText } from './setting-kinds';
import {
  CODE_ONLY,
  PREFIX_OF_VARIABLES,
  type Setting,
  SETTINGS,
  variableOf,
} from './settings-table';

/** Variables that this package sets for its own processes, of every version. */
const INTERNAL = new RegExp(`^${PRIMARY_VARIABLE.replace(/\d+$/, '')}\\d+$`);

/**
 * Variables that Kubernetes adds for each Service of a namespace. A Service called `thrift-metrics` has this prefix.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const SERVICE_LINK =
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/** Whether an environment has settings, right or wrong. Most programs have none, and their import ends here. */
export function hasSettings(environment: Readonly<Record<string, string | undefined>>): boolean {
  return Object.entries(environment).some(
    ([name, text]) => name.startsWith(PREFIX_OF_VARIABLES) && !isForOthers(name, text),
  );
}

/** Reads the settings of an environment. An empty variable is not set. */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): FoundSettings {
  const found = nothingFound();
  for (const setting of SETTINGS) {
    const { kind, variable, alias = variable } = setting;
    const where = [variable, alias].find((name) => isSet(setting, name, environment[name]));
    if (where === undefined) continue;
    const parsed = kind.parse(environment[where] ?? '');
    // Absolute, because files are read again later, and the program may change its working directory.
    const value = kind.isPath === true ? resolve(String(parsed)) : parsed;
    found.settings.set(setting, { value, source: 'environment', where });
  }
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX_OF_VARIABLES) || isForOthers(name, text)) continue;
    if (SETTINGS.some(({ variable, alias }) => name === variable || name === alias)) continue;
    const option = CODE_ONLY.find((each) => variableOf(each) === name);
    found.problems.push(
      option === undefined
        ? createUnknown('environment', name, name, SETTINGS, ({ variable }) => variable)
        : createProblem(
            'environment',
            name,
            `the option '${option}' is not data. Only the program can set it, with configureMetrics({ ${option} }).`,
            'TM_ERR_OPTION_UNKNOWN',
          ),
    );
  }
  return found;
}

function isSet({ kind }: Setting, name: string, text: string | undefined): boolean {
  if (text === undefined || isForOthers(name, text)) return false;
  return !isEmptyText(kind, text);
}

function isForOthers(name: string, text: string | undefined): boolean {
  if (text === undefined || text === '') return true;
  const isLink = SERVICE_LINK.test(name) || (name.endsWith('_PORT') && SERVICE_ADDRESS.test(text));
  return isLink || INTERNAL.test(name);
}
