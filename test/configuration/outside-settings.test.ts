import { renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Registry } from 'prom-client';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import { applyOutsideOptions, configureMetrics } from '../../src/api/configure';
import { describeSettings } from '../../src/configuration/describe-settings';
import { outsideSettingsOf } from '../../src/configuration/outside-settings';
import { withServerDefaults } from '../../src/endpoint/server-defaults';
import { CATALOGUE, DEFAULT_BUCKETS } from '../../src/metrics/catalogue';
import { Runtime, RUNTIME_KEY } from '../../src/runtime/runtime';
import { measuredPartsOf } from '../../src/thrift/library/measured-parts';
import { Counted, Objective, Timed } from '../../src/index';
import { errorOf } from '../support/error-of';
import { SECRET, temporaryFolder } from './examples';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const FILE = join(folder, 'settings.yml');

let runtime: Runtime;
let reports: { site: string; message: string; code?: string }[];

beforeEach(() => {
  rmSync(FILE, { force: true });
  // `configureMetrics` finds it there.
  runtime = new Runtime();
  (globalThis as { [RUNTIME_KEY]?: Runtime })[RUNTIME_KEY] = runtime;
  // A runtime of an earlier test still looks at the file every second, and must not report here.
  const received: typeof reports = [];
  reports = received;
  runtime.settings.onError = (error, site) => {
    const { message, code } = error as Error & { code?: string };
    received.push({ site, message, ...(code !== undefined && { code }) });
  };
  runtime.settings.registry = new Registry();
});

/** Loads settings, and waits until what is wrong was reported. */
async function load(variables: Record<string, string>, file?: string): Promise<void> {
  if (file !== undefined) writeFileSync(FILE, file);
  outsideSettingsOf(runtime).load(() => ({
    ...variables,
    ...(file !== undefined && { THRIFT_METRICS_CONFIG: FILE }),
  }));
  await new Promise(setImmediate);
}

/** Looks at the file until a change counts as complete. */
async function look(): Promise<void> {
  for (let i = 0; i < 2; i++) await outsideSettingsOf(runtime).look();
}

const described = (variable: string): unknown => {
  const found = describeSettings(runtime).find((setting) => setting.variable === variable);
  return [found?.value, found?.source, found?.where];
};

describe('precedence', () => {
  test('the program wins over the environment, and the environment over the file', async () => {
    await load(
      { THRIFT_METRICS_PREFIX: 'env_', THRIFT_METRICS_BUCKETS: '1,2' },
      'prefix: file_\nbuckets: [3, 4]\nmaxSeriesPerMetric: 7\n',
    );
    configureMetrics({ buckets: [5] });
    const { prefix, buckets, maxSeriesPerMetric } = runtime.settings;
    expect({ prefix, buckets, maxSeriesPerMetric }).toEqual({
      prefix: 'env_',
      buckets: [5],
      maxSeriesPerMetric: 7,
    });
    expect(described('THRIFT_METRICS_BUCKETS')).toEqual([[5], 'program', 'configureMetrics']);
    expect(described('THRIFT_METRICS_PREFIX')).toEqual([
      'env_',
      'environment',
      'THRIFT_METRICS_PREFIX',
    ]);
    expect(described('THRIFT_METRICS_MAX_SERIES_PER_METRIC')).toEqual([7, 'file', `${FILE}:3`]);
    expect(described('THRIFT_METRICS_ENABLED')).toEqual([true, 'default', null]);
  });

  test('a call of configureMetrics overrides only the options that it names', async () => {
    await load({ THRIFT_METRICS_PREFIX: 'env_', THRIFT_METRICS_ENABLED: 'false' });
    configureMetrics({ prefix: 'own_', enabled: undefined });
    expect(runtime.settings.prefix).toBe('own_');
    expect(runtime.gate.enabled).toBe(false);
  });

  test('the options of startMetricsServer win over settings', async () => {
    await load({
      THRIFT_METRICS_PORT: '1',
      THRIFT_METRICS_PATH: '/m',
      THRIFT_METRICS_TOKEN: SECRET,
    });
    const auth = () => true;
    expect(withServerDefaults(runtime, { port: 2, host: undefined, auth })).toEqual({
      port: 2,
      path: '/m',
      auth,
    });
    expect(described('THRIFT_METRICS_PORT')).toEqual([2, 'program', 'startMetricsServer']);
    expect(described('THRIFT_METRICS_TOKEN')).toEqual(['(set)', 'program', 'startMetricsServer']);
  });

  test('a kind of authentication in the environment replaces another kind in the file', async () => {
    await load({ THRIFT_METRICS_BASIC_AUTH: 'a:b' }, 'server: { token: secret }\n');
    expect(withServerDefaults(runtime, {}).auth).toEqual({ username: 'a', password: 'b' });
    expect(reports).toEqual([]);
  });

  test('THRIFT_METRICS_DEFAULT_LABELS wins over its older name', async () => {
    await load({ THRIFT_METRICS_LABELS: 'a=1', THRIFT_METRICS_DEFAULT_LABELS: '{"b":"1,2"}' });
    expect(runtime.settings.defaultLabels).toEqual({ b: '1,2' });
  });

  test('an empty variable is not set', async () => {
    await load(
      { THRIFT_METRICS_PREFIX: '', THRIFT_METRICS_ENABLED: '  ', THRIFT_METRICS_NOTHING: '' },
      'prefix: file_\n',
    );
    expect(runtime.settings.prefix).toBe('file_');
    expect(reports).toEqual([]);
  });

  test('a wrong value does not hide the value of the next source', async () => {
    await load({ THRIFT_METRICS_PREFIX: 'a b' }, 'prefix: file_\n');
    expect(runtime.settings.prefix).toBe('file_');
    expect(reports.map(({ site }) => site)).toEqual(['THRIFT_METRICS_PREFIX']);
  });
});

test('settings alone do not load the client library, and apply once it is needed', async () => {
  const registry = runtime.settings.registry as unknown as Registry;
  await load({ THRIFT_METRICS_LABELS: 'env=x', THRIFT_METRICS_PROCESS_METRICS: 'on' });
  expect(runtime.registry.isSettled()).toBe(false);
  runtime.families.count(CATALOGUE.internalErrors, { site: 'x' });
  expect(await registry.metrics()).toMatch(/thrift_metrics_internal_errors_total\{.*env="x"/);
  expect(registry.getSingleMetric('process_cpu_user_seconds_total')).toBeDefined();
});

describe('variables of others', () => {
  test('variables that Kubernetes adds for a Service called thrift-metrics are ignored', async () => {
    await load({
      THRIFT_METRICS_SERVICE_HOST: '10.0.0.1',
      THRIFT_METRICS_SERVICE_PORT: '8000',
      THRIFT_METRICS_SERVICE_PORT_HTTP: '8000',
      THRIFT_METRICS_PORT: 'tcp://10.0.0.1:8000',
      THRIFT_METRICS_PORT_8000_TCP: 'tcp://10.0.0.1:8000',
      THRIFT_METRICS_PORT_8000_TCP_PROTO: 'tcp',
      THRIFT_METRICS_PORT_8000_TCP_PORT: '8000',
      THRIFT_METRICS_PORT_8000_TCP_ADDR: '10.0.0.1',
      THRIFT_METRICS_PRIMARY_3: '42',
      THRIFT_METRICS_STRICT: 'true',
    });
    expect(reports).toEqual([]);
    expect(withServerDefaults(runtime, {}).port).toBe(undefined);
  });

  test('an unknown variable is reported once, with the nearest name and without its value', async () => {
    await load({ THRIFT_METRICS_BUKETS: SECRET, THRIFT_METRICS_ON_ERROR: 'x' });
    expect(reports.map(({ site, code }) => [site, code])).toEqual([
      ['THRIFT_METRICS_BUKETS', 'TM_ERR_OPTION_UNKNOWN'],
      ['THRIFT_METRICS_ON_ERROR', 'TM_ERR_OPTION_UNKNOWN'],
    ]);
    expect(reports[0]?.message).toContain("Did you mean 'THRIFT_METRICS_BUCKETS'?");
    expect(reports[1]?.message).toContain('configureMetrics({ onError })');
    expect(JSON.stringify(reports)).not.toContain(SECRET);
  });
});

describe('a server is not open if someone wanted to protect it', () => {
  const refuses = (): boolean => {
    const { auth } = withServerDefaults(runtime, {});
    return typeof auth === 'function' && auth({} as never) === false;
  };

  test.each([
    ['a wrong token', { THRIFT_METRICS_TOKEN: 'a b' }],
    ['a missing file', { THRIFT_METRICS_TOKEN_FILE: join(folder, 'missing') }],
    [
      'two kinds of authentication',
      { THRIFT_METRICS_TOKEN: 'a', THRIFT_METRICS_BASIC_AUTH: 'a:b' },
    ],
    ['a certificate without a key', { THRIFT_METRICS_TLS_CERT_FILE: FILE }],
    ['a misspelled variable', { THRIFT_METRICS_TOKNE: 'abc' }],
  ])('a server with %s answers no request', async (_title, variables) => {
    await load(variables);
    expect(refuses()).toBe(true);
    expect(reports).toHaveLength(1);
  });

  test.each([
    ['a misspelled key', 'server: { tokn: abc }\n'],
    ['a syntax error', 'server: { token: abc\n'],
    ['a text in place of the mapping', 'server: abc\n'],
  ])('a server whose file has %s answers no request', async (_title, file) => {
    await load({}, file);
    expect(refuses()).toBe(true);
    expect(reports).toHaveLength(1);
  });

  test('a configuration file that cannot be looked at does not hide a token in the environment', async () => {
    symlinkSync('settings.yml', FILE);
    await load({ THRIFT_METRICS_TOKEN: 'abc', THRIFT_METRICS_CONFIG: FILE });
    expect(withServerDefaults(runtime, {}).auth).toEqual({ token: 'abc' });
    expect(reports.map(({ code }) => code)).toEqual(['TM_ERR_CONFIG_FILE']);
  });

  test('a server answers no request if a fault prevents that its settings are read', async () => {
    const before = process.cwd();
    const removed = join(folder, 'removed');
    mkdirSync(removed);
    process.chdir(removed);
    rmSync(removed, { recursive: true });
    try {
      await load({ THRIFT_METRICS_TOKEN: 'abc', THRIFT_METRICS_CONFIG: 'settings.yml' });
    } finally {
      process.chdir(before);
    }
    expect(refuses()).toBe(true);
    expect(reports.map(({ site }) => site)).toEqual(['settings']);
  });

  const unknown = Array.from({ length: 50 }, (_, i) => `unknown${i}: 1\n`).join('');
  test.each(['server: { token: abc }\n', 'token: abc\n', 'server: { tls: { cert: x } }\n'])(
    'the server of a file with many unknown keys before %j is not open to everyone',
    async (protection) => {
      await load({}, unknown + protection);
      expect(withServerDefaults(runtime, {}).auth).toBeDefined();
    },
  );

  test('a wrong setting that has nothing to do with access leaves it open', async () => {
    await load({ THRIFT_METRICS_PREFX: 'x' }, 'prefix: [\n');
    expect(withServerDefaults(runtime, {}).auth).toBe(undefined);
    expect(reports).toHaveLength(2);
  });

  test('a program that protects the server itself does not depend on the token', async () => {
    await load({ THRIFT_METRICS_TOKEN: 'a b' });
    expect(withServerDefaults(runtime, { auth: { token: 'own' } }).auth).toEqual({ token: 'own' });
  });

  test('the newline at the end of a file does not belong to the secret', async () => {
    for (const end of ['', '\n', '\r\n']) {
      writeFileSync(join(folder, 'token'), `abc${end}`);
      runtime = new Runtime();
      await load({ THRIFT_METRICS_TOKEN_FILE: join(folder, 'token') });
      expect(withServerDefaults(runtime, {}).auth).toEqual({ token: 'abc' });
    }
    writeFileSync(join(folder, 'token'), `${SECRET}\0\n`);
    runtime = new Runtime();
    await load({ THRIFT_METRICS_TOKEN_FILE: join(folder, 'token') });
    expect(refuses()).toBe(true);
  });
});

describe('strict settings', () => {
  test('with strict settings, each import throws one error with everything that is wrong', () => {
    writeFileSync(FILE, 'strict: yes\nprefx: a\n');
    const variables = { THRIFT_METRICS_CONFIG: FILE, THRIFT_METRICS_PORT: 'x' };
    for (let i = 0; i < 2; i++) {
      const { message, code } = errorOf(() => outsideSettingsOf(runtime).load(() => variables));
      expect(code).toBe('TM_ERR_OPTION_INVALID');
      expect(message.split('\n')).toEqual([
        expect.stringContaining("THRIFT_METRICS_PORT: option 'port' is 'x'"),
        expect.stringContaining(`${FILE}:2: the key 'prefx' is unknown`),
      ]);
    }
  });

  test('a file that becomes wrong does not end a program with strict settings', async () => {
    await load({ THRIFT_METRICS_STRICT: 'true' }, 'prefix: a_\n');
    writeFileSync(FILE, 'prefix: b c\n');
    await look();
    expect(reports).toHaveLength(1);
  });
});

describe('the file is read again', () => {
  test('a changed file applies everything that the program can change', async () => {
    await load({}, 'enabled: false\nbuckets: [1]\nclients: false\n');
    expect([runtime.gate.enabled, runtime.settings.buckets]).toEqual([false, [1]]);
    expect(measuredPartsOf(runtime).clients).toBe(false);
    writeFileSync(FILE, 'enabled: true\ndefaultLabels: { a: b }\nnativeHistograms: true\n');
    await look();
    const { buckets, defaultLabels, nativeHistograms } = runtime.settings;
    expect(runtime.gate.enabled).toBe(true);
    expect({ buckets, defaultLabels, nativeHistograms }).toEqual({
      buckets: DEFAULT_BUCKETS,
      defaultLabels: { a: 'b' },
      nativeHistograms: { resolution: 3, maxBuckets: 160 },
    });
    expect(measuredPartsOf(runtime).clients).toBe(true);
    expect(reports).toEqual([]);
  });

  test('existing metrics follow a change of prefix and labels in the file', async () => {
    const registry = runtime.settings.registry as unknown as Registry;
    await load({}, 'prefix: a_\ndefaultLabels: { x: "1" }\n');
    runtime.families.count(CATALOGUE.internalErrors, { site: 's' });
    writeFileSync(FILE, 'prefix: b_\n');
    await look();
    const text = await registry.metrics();
    expect(text).toMatch(/^b_thrift_metrics_internal_errors_total\{site="s"\} 1$/m);
    expect(text).not.toContain('a_thrift');
  });

  test('a key that is removed from the file falls back to the environment or the default', async () => {
    await load({}, 'prefix: file_\nprocessMetrics: true\n');
    runtime.registry.current();
    writeFileSync(FILE, '');
    await look();
    expect(runtime.settings.prefix).toBe('');
    expect(runtime.settings.processMetrics).toBe(null);
  });

  test('a changed file does not change what the program or the environment has set', async () => {
    await load({ THRIFT_METRICS_PREFIX: 'env_' }, 'enabled: true\n');
    configureMetrics({ enabled: true });
    writeFileSync(FILE, 'enabled: false\nprefix: file_\nmaxSeriesPerMetric: 3\n');
    await look();
    const { prefix, maxSeriesPerMetric } = runtime.settings;
    expect([runtime.gate.enabled, prefix, maxSeriesPerMetric]).toEqual([true, 'env_', 3]);
  });

  test.each([
    ['a wrong value', 'enabled: true\nprefix: b c\n'],
    ['an unknown key', 'enabled: true\nprefx: b_\n'],
    ['a syntax error', 'enabled: true\nprefix: [\n'],
    ['a token file that does not exist', 'enabled: true\nserver: { tokenFile: missing }\n'],
  ])(
    'a changed file with %s is reported once, and the settings before it stay in force',
    async (_title, wrong) => {
      await load({}, 'enabled: false\nprefix: a_\n');
      for (let i = 0; i < 3; i++) {
        writeFileSync(FILE, wrong);
        await look();
      }
      expect([runtime.gate.enabled, runtime.settings.prefix]).toEqual([false, 'a_']);
      expect(reports).toHaveLength(1);
      expect(reports[0]?.message).toMatch(
        /^\S+settings\.yml:\d+: .* The settings before it stay in force\.$/,
      );
      writeFileSync(FILE, 'enabled: true\n');
      await look();
      expect([runtime.gate.enabled, runtime.settings.prefix]).toEqual([true, '']);
    },
  );

  test('a relative path in the environment is found again after the program has changed its working directory', async () => {
    writeFileSync(join(folder, 'token'), 'abc');
    const before = process.cwd();
    process.chdir(folder);
    try {
      await load({ THRIFT_METRICS_TOKEN_FILE: 'token' }, 'prefix: a_\n');
    } finally {
      process.chdir(before);
    }
    writeFileSync(FILE, 'prefix: b_\n');
    await look();
    expect(runtime.settings.prefix).toBe('b_');
    expect(withServerDefaults(runtime, {}).auth).toEqual({ token: 'abc' });
    expect(reports).toEqual([]);
  });

  test('a token file of the environment that is gone when the file changes is reported', async () => {
    const token = join(folder, 'token');
    writeFileSync(token, 'abc');
    await load({ THRIFT_METRICS_TOKEN_FILE: token }, 'prefix: a_\n');
    unlinkSync(token);
    writeFileSync(FILE, 'prefix: b_\n');
    await look();
    expect(runtime.settings.prefix).toBe('b_');
    expect(reports.map(({ site }) => site)).toEqual(['THRIFT_METRICS_TOKEN_FILE']);
  });

  test('another wrong content of the file is reported again', async () => {
    await load({}, '');
    for (const wrong of ['prefix: a b\n', 'prefix: b c\n', 'prefix: a b\n']) {
      writeFileSync(FILE, wrong);
      await look();
    }
    expect(reports).toHaveLength(2);
  });

  test('a file is not read while it is being written', async () => {
    await load({}, 'enabled: false\n');
    writeFileSync(FILE, 'enab');
    await outsideSettingsOf(runtime).look();
    writeFileSync(FILE, 'enabled: true\n');
    await look();
    expect(runtime.gate.enabled).toBe(true);
    expect(reports).toEqual([]);
  });

  test('a file is read again when an editor replaces it', async () => {
    await load({}, 'enabled: false\n');
    writeFileSync(`${FILE}~`, 'enabled: true \n');
    renameSync(`${FILE}~`, FILE);
    await look();
    expect(runtime.gate.enabled).toBe(true);
  });

  test('a file is read again when Kubernetes moves the link of its folder', async () => {
    const at = (...names: string[]): string => join(folder, 'volume', ...names);
    for (const [name, enabled] of [
      ['..1', false],
      ['..2', true],
    ] as const) {
      mkdirSync(at(name), { recursive: true });
      writeFileSync(at(name, 'settings.yml'), `enabled: ${enabled}\n`);
    }
    symlinkSync('..1', at('..data'));
    symlinkSync(join('..data', 'settings.yml'), at('settings.yml'));
    await load({ THRIFT_METRICS_CONFIG: at('settings.yml') });
    expect(runtime.gate.enabled).toBe(false);
    symlinkSync('..2', at('..tmp'));
    renameSync(at('..tmp'), at('..data'));
    await look();
    expect(runtime.gate.enabled).toBe(true);
  });

  test('a file is read when it appears, and not when it disappears', async () => {
    await load({ THRIFT_METRICS_CONFIG: FILE });
    expect(reports).toHaveLength(1);
    writeFileSync(FILE, 'enabled: false\n');
    await look();
    expect(runtime.gate.enabled).toBe(false);
    unlinkSync(FILE);
    await look();
    await look();
    expect(runtime.gate.enabled).toBe(false);
    expect(reports.map(({ code }) => code)).toEqual(['TM_ERR_CONFIG_FILE', 'TM_ERR_CONFIG_FILE']);
  });

  test('a changed file with other options of the server says that they wait for the next one', async () => {
    await load({}, 'server: { port: 1 }\n');
    expect(withServerDefaults(runtime, {}).port).toBe(1);
    writeFileSync(FILE, 'enabled: false\nserver: { port: 2, token: abc }\n');
    await look();
    expect(reports.map(({ code, message }) => [code, message])).toEqual([
      ['TM_ERR_NEXT_START', expect.stringContaining('server.port, server.token takes effect')],
    ]);
    expect(runtime.gate.enabled).toBe(false);
    expect(withServerDefaults(runtime, {})).toEqual({ port: 2, auth: { token: 'abc' } });
  });
});

test('buckets that lack the bound of an objective are taken back, and the class is defined', async () => {
  await load({ THRIFT_METRICS_BUCKETS: '1,2' }, 'buckets: [3]\n');
  const define = (within: number) => {
    class Handler {
      @Objective({ latency: { within, target: 0.9 } })
      @Timed
      add() {}
    }
    return new Handler();
  };
  define(1);
  expect(runtime.settings.buckets).toEqual([1, 2]);
  define(0.1);
  expect(runtime.settings.buckets).toEqual(DEFAULT_BUCKETS);
  expect(reports).toEqual([
    {
      site: 'THRIFT_METRICS_BUCKETS',
      code: 'TM_ERR_OBJECTIVE',
      message: expect.stringMatching(
        /latency\.within is 0\.1.* The default applies instead\.$/,
      ) as string,
    },
  ]);
  expect(errorOf(() => define(0.11)).code).toBe('TM_ERR_OBJECTIVE');
});

test('label names that a decorator uses for its own label are taken back, and the class is defined', async () => {
  await load({ THRIFT_METRICS_LABEL_NAMES: 'thrift_service=team' });
  class Handler {
    @Counted({ labels: { team: 'orders' } })
    add() {}
  }
  new Handler().add();
  expect(runtime.settings.labelNames.mapping).toEqual({});
  expect(reports).toEqual([
    {
      site: 'THRIFT_METRICS_LABEL_NAMES',
      code: 'TM_ERR_LABEL_NAME',
      message: expect.stringMatching(/label 'team' .* The default applies instead\.$/) as string,
    },
  ]);
});

test('a new file whose buckets lack the bound of an objective is refused', async () => {
  await load({}, 'buckets: [1]\n');
  class Handler {
    @Objective({ latency: { within: 1, target: 0.9 } })
    @Timed
    add() {}
  }
  void new Handler();
  writeFileSync(FILE, 'buckets: [2]\nenabled: false\n');
  await look();
  expect([runtime.settings.buckets, runtime.gate.enabled]).toEqual([[1], true]);
  expect(reports.map(({ code }) => code)).toEqual(['TM_ERR_OBJECTIVE']);
});

test('a new file may change buckets together with the objective that needs them', async () => {
  const file = (bound: number): string =>
    `buckets: [${bound}]\nrules: [{ match: {}, objective: { latency: { target: 0.9, within: ${bound} } } }]\n`;
  await load({}, file(1));
  class Handler {
    @Timed
    add() {}
  }
  void new Handler();
  writeFileSync(FILE, file(2));
  await look();
  expect(reports).toEqual([]);
  expect(runtime.settings.buckets).toEqual([2]);
});

test('a new file without the buckets that an objective needs is refused', async () => {
  await load({}, 'buckets: [7]\nenabled: true\n');
  class Handler {
    @Objective({ latency: { within: 7, target: 0.9 } })
    @Timed
    add() {}
  }
  void new Handler();
  writeFileSync(FILE, 'enabled: false\n');
  await look();
  expect([runtime.settings.buckets, runtime.gate.enabled]).toEqual([[7], true]);
  expect(reports.map(({ code }) => code)).toEqual(['TM_ERR_OBJECTIVE']);
});

test.each([
  [
    'the environment',
    {
      THRIFT_METRICS_LABEL_NAMES: 'thrift_service=env',
      THRIFT_METRICS_DEFAULT_LABELS: 'env=prod',
    },
    '',
    ['env', undefined],
  ],
  [
    'the environment and the file',
    { THRIFT_METRICS_LABEL_NAMES: 'thrift_service=env' },
    'defaultLabels: { env: prod }\n',
    [undefined, 'env'],
  ],
])(
  'label names and default labels that clash are reported, and one of them applies: %s',
  async (_title, variables, file, [label, name]) => {
    await load(variables, file);
    const { defaultLabels, labelNames } = runtime.settings;
    expect(Object.keys(defaultLabels)).toEqual(label === undefined ? [] : [label]);
    expect(Object.values(labelNames.mapping)).toEqual(name === undefined ? [] : [name]);
    expect(reports).toHaveLength(1);
  },
);

test('each of several wrong settings on one line is reported', async () => {
  await load({}, '{"prefix": "a b", "unknown": 1, "enabled": "maybe"}');
  expect(
    reports
      .map(({ message }) => String(/prefix|unknown|enabled/.exec(message)))
      .toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['enabled', 'prefix', 'unknown']);
});

test('a fault of onError does not reach the program', async () => {
  runtime.settings.onError = () => {
    throw new Error('broken');
  };
  await load({ THRIFT_METRICS_PREFIX: 'a b' });
  expect(runtime.settings.prefix).toBe('');
  applyOutsideOptions(runtime, 'settings', {});
});
