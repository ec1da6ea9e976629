import { parseArgs } from 'node:util';

import { exitWith } from '../scripts/run.mjs';

/**
 * Reads the options of a benchmark from the command line: the groups to run, and whether the run is quick. Exits if one is
 * wrong.
 */
export function readOptions(command, names) {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) exitWith(usage(command, names), 0);
    const only = values.only?.split(',') ?? names;
    const unknown = only.filter((name) => !names.includes(name));
    if (unknown.length > 0) throw new Error(`There is no group ${unknown.join(', ')}.`);
    if (values.quick) process.env.BENCH_QUICK = 'true';
    return {
      names: names.filter((name) => only.includes(name)),
      quick: values.quick,
      writesDocs: values['write-docs'],
    };
  } catch (error) {
    return exitWith(`${error.message}\n\n${usage(command, names)}`, 1);
  }
}

function usage(command, names) {
  return [
    `${command} [-- options]`,
    '',
    '  --only <group,...>  runs only these groups, and keeps the results of the others',
    '  --quick             shows that everything works; the figures mean nothing',
    '  --write-docs        runs nothing; writes the latest results into the documentation',
    '',
    `Groups: ${names.join(', ')}`,
  ].join('\n');
}
