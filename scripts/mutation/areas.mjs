// The areas that `npm run mutate` knows: which files it mutates, and which tests it runs against the mutants.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { createFilter } from 'vite';

import { root } from '../run.mjs';

/**
 * Each area is a folder of the source, with the tests that aim at it, as globs in test/ without `.test.ts`. More tests would
 * only make each mutant slower: one that no test notices costs the time of all tests that reach it. So where every test
 * reaches nearly every file, a file has tests of its own, beside those of its name.
 */
export const AREAS = {
  recording: ['recording/*', 'contract/1-failed'],
  metrics: {
    cell: [
      'metrics/{age,counter,histogram,live-sum}-cell',
      'metrics/{merge,exemplar}',
      'runtime/registry',
    ],
    clock: ['metrics/summary-cell', 'recording/in-flight', 'scrape/start-timestamps'],
    exemplar: ['metrics/merge'],
    family: ['scrape/workers/family-sum', 'runtime/registry'],
    'info-family': ['metrics/family', 'runtime/info'],
    labels: ['scrape/workers/family-sum'],
    merge: ['scrape/workers/family-sum'],
    'native-buckets': ['metrics/native-bucket-examples', 'runtime/native-histograms'],
    sketch: ['metrics/summary-cell'],
    'summary-cell': ['metrics/summary-window', 'scrape/workers/family-sum'],
  },
  runtime: {
    'client-library': ['runtime/registry'],
    exemplars: ['runtime/native-histograms'],
    families: ['runtime/{registry,policy,info}', 'contract/{2-same-method,3-startup}'],
    'package-paths': [],
    policy: ['property/policy'],
    'process-events': [],
    registry: ['contract/3-startup'],
    'unmatched-rules': ['runtime/policy'],
  },
  scrape: {
    'byte-writer': ['scrape/long-renders'],
    contents: [],
    deadlines: [],
    'merged-labels': ['scrape/text'],
    'metric-filter': ['scrape/requested-metrics'],
    negotiate: [],
    'number-spelling': ['scrape/text'],
    'output-budget': ['scrape/long-renders'],
    protobuf: ['scrape/start-timestamps'],
    'protobuf-message': ['scrape/protobuf'],
    render: ['scrape/{long-renders,start-timestamps}', 'scrape/workers/sum-over-workers'],
    'requested-metrics': [],
    text: ['scrape/{render,start-timestamps}', 'property/labels'],
    unit: [],
    'user-metric': ['scrape/render'],
    'user-series': ['scrape/protobuf'],
  },
  'scrape/workers': {
    'cluster-peers': [],
    'cluster-worker': [],
    'encoded-cell': ['scrape/workers/family-sum'],
    'encoded-family': ['scrape/workers/{encoded-cell,family-sum,reported-names}'],
    'encoded-user-metric': ['scrape/workers/{reported-names,peer-set}'],
    'family-sum': [],
    'listen-once': [],
    'own-calls': ['scrape/workers/calls-of'],
    peer: ['scrape/workers/{calls-of,superior,peer-set}'],
    'peer-group': ['scrape/workers/listen-once', 'scrape/workers/sum-over-workers'],
    'peer-set': ['scrape/workers/calls-of'],
    'reported-names': [],
    reporter: ['scrape/workers/calls-of'],
    'retired-sum': ['scrape/workers/{peer-set,family-sum}'],
    'siblings/leader': ['scrape/workers/siblings/siblings'],
    'siblings/line-connection': ['scrape/workers/siblings/leader'],
    'siblings/meeting-place': ['scrape/workers/siblings/siblings'],
    'siblings/process-identity': ['scrape/workers/siblings/report-store'],
    'siblings/report-store': ['scrape/workers/siblings/{stored-reports,leader}'],
    'siblings/siblings': [],
    'siblings/stored-reports': ['scrape/workers/siblings/siblings'],
    'sum-over-workers': [],
    'summed-family': ['scrape/workers/family-sum'],
    superior: [],
    'thread-channel': ['scrape/workers/{thread-peers,worker-thread}'],
    'thread-peers': [],
    'user-metric-sum': ['scrape/workers/{peer-set,worker-report}'],
    'worker-calls': ['scrape/workers/{calls-of,superior,reporter}'],
    'worker-messages': ['scrape/workers/reporter'],
    'worker-report': ['scrape/workers/reporter'],
    'worker-thread': [],
  },
  slo: ['slo/**/*', 'tools/rules/**/*', 'tools/grafana/**/*', 'tools/cli/top/**/*'],
  'thrift/service': {
    bookmark: [
      'thrift/service/{own-context-field,own-transport,multiplexed}',
      'signals/rejected-contexts',
      'thrift/callers/caller-names',
    ],
    'caller-name': [
      'thrift/callers/{caller-names,headers-and-certificates}',
      'thrift/service/own-context-field',
    ],
    'context-reader': [
      'signals/{rejected-contexts,propagation}',
      'thrift/callers/{caller-names,headers-and-certificates}',
      'thrift/service/{own-context-field,own-transport}',
    ],
    'incoming-message': [
      'signals/served-channel',
      'thrift/callers/{caller-names,caller-policy}',
      'thrift/service/own-transport',
    ],
    'service-callers': [
      'thrift/callers/{caller-names,caller-policy,expired-callers,sent-names}',
      'thrift/service/method-metrics',
    ],
    'declared-exceptions': [
      'thrift/exception-lists',
      'thrift/service/{other-compilers,instrument-service}',
    ],
    'handler-measures': [
      'thrift/service/{unmeasured-methods,declared-exceptions,instrument-service,same-service}',
    ],
    'instrument-service': ['thrift/service/{processor,same-service,other-compilers}'],
    'message-call': [
      'thrift/service/{answered-calls,unanswered-calls,lost-replies,own-transport,queue-times}',
      'thrift/oneway',
      'runtime/calls/read-calls',
      'signals/served-channel',
    ],
    'method-metrics': [
      'thrift/service/{instrument-service,unanswered-calls,queue-times,refused-input}',
      'thrift/service/{excluded-messages,connections,lost-replies}',
      'thrift/callers/{caller-names,caller-policy}',
      'thrift/oneway',
    ],
    processor: [
      'thrift/service/{instrument-service,same-service,own-transport,unmeasured-methods}',
      'thrift/{failures,stack-traces}',
    ],
    'reply-observer': [
      'thrift/service/{pipelining,lost-replies,unanswered-calls,own-transport,connections}',
      'thrift/failed-answers',
    ],
    'request-observer': [
      'thrift/service/{refused-input,multiplexed,split-messages,header-protocol,own-transport}',
      'thrift/service/{connections,queue-times,unanswered-calls,lost-replies,message-call}',
      'thrift/service/{context-reader,excluded-messages}',
      'thrift/callers/caller-names',
      'thrift/stack-traces',
      'signals/{served-channel,rejected-contexts}',
    ],
    'unfinished-reply': ['thrift/service/{lost-replies,message-call}', 'thrift/failed-answers'],
  },
  'thrift/client': {
    'client-call': [
      'thrift/client/{instrument-client,driver-callbacks,failed-replies,pending-calls,http-connection}',
      'thrift/client/{client-labels,client-message}',
    ],
    'client-class': ['thrift/client/{client-classes,client-labels,same-client,instrument-client}'],
    'client-failure': [],
    'client-message': ['signals/client-channel'],
    'client-method': [
      'thrift/client/{instrument-client,replies,client-classes,driver-callbacks,custom-connections}',
      'thrift/client/{client-message,client-method-metrics}',
    ],
    'client-method-metrics': [
      'thrift/client/{instrument-client,client-labels,client-profile,failed-replies,expired-series}',
    ],
    'client-metrics': [
      'thrift/client/{instrument-client,client-labels,client-profile,client-method-metrics,reconnects}',
    ],
    'client-profile': [
      'thrift/client/{instrument-client,client-labels,client-method-metrics,failed-replies}',
    ],
    connection: [
      'thrift/client/{stream-connection,replies,custom-connections,reconnects,client-message}',
    ],
    'connection-lookup': [
      'thrift/client/{custom-connections,client-method,thrift-copies,multiplexed,client-classes}',
    ],
    'connection-observer': [
      'thrift/client/{custom-connections,connection,same-client,instrument-client,multiplexed}',
    ],
    'context-writer': ['thrift/client/own-name', 'thrift/callers/sent-names'],
    'http-connection': ['thrift/client/{connection,client-message}'],
    'instrument-client': ['thrift/client/{client-labels,failed-replies,same-client}'],
    'instrumented-client': [
      'thrift/client/{client-classes,same-client,failed-replies,custom-connections}',
    ],
    'offline-queue': ['thrift/client/pending-calls'],
    'own-name': ['thrift/client/context-writer', 'thrift/callers/sent-names'],
    'stream-connection': ['thrift/client/{connection,reconnects,replies}'],
    'websocket-connection': ['thrift/client/connection'],
  },
};

/**
 * Tests that mutants cannot reach, so they would only cost time: they start processes, which run the built package in dist.
 */
const OTHER_PROCESSES = [
  'test/scrape/workers/{chunks,client-library,final-report,late-primary,names,page,sums,workers}.test.ts',
  'test/runtime/info-processes.test.ts',
  'test/thrift/**/process-death.test.ts',
  'test/tools/cli/program/**',
];

/** Returns the area whose folder contains this path, `undefined` if none does. */
export function areaOf(path) {
  const folder = path.replace(/^(?:\.\/)?(?:src\/)?/, '').replace(/\/+$/, '');
  const names = Object.keys(AREAS).toSorted((a, b) => b.length - a.length);
  return names.find((name) => folder === name || folder.startsWith(`${name}/`));
}

/** The files of an area. A folder with an area of its own does not belong to the area around it. */
export function filesIn(area) {
  return readdirSync(join(root, 'src', area), { recursive: true })
    .map((name) => `src/${area}/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && areaOf(path) === area)
    .toSorted();
}

/** All tests of an area, as globs like those above. */
function testsIn(area) {
  const tests = AREAS[area];
  if (Array.isArray(tests)) return tests;
  return [...new Set([`${area}/*`, ...Object.values(tests).flat()])];
}

/** The tests that aim at a file, as globs like those above. */
export function testsFor(path) {
  const area = areaOf(path);
  const name = path.slice(`src/${area}/`.length, -'.ts'.length);
  const aimed = Array.isArray(AREAS[area]) ? undefined : AREAS[area][name];
  return aimed === undefined ? testsIn(area) : [`${area}/${name}`, ...aimed];
}

/** Whether this file of tests aims at this file of the source. */
export function aimsAt(test, path) {
  return createFilter(testsOf(testsFor(path)).include, null, { resolve: root })(join(root, test));
}

/** The files of tests that these globs select, as options of Vitest. */
export function testsOf(globs) {
  return {
    include: globs.map((tests) => `test/${tests}.test.ts`),
    exclude: ['**/node_modules/**', ...OTHER_PROCESSES],
  };
}
