import assert from 'node:assert/strict';

import { Thrift } from 'thrift';
import {
  ErrorsCounted,
  instrument,
  Instrumented,
  ThriftService,
  Timed,
  type Call,
} from 'thrift-metrics';

import { read, thrownBy, type Case } from './kit.js';

interface Reply {
  readonly status: string;
}
type Callback = (error: unknown, reply?: Reply) => void;

class Rejected extends Thrift.TException {}

const OK: Reply = { status: 'OK' };
const BAD: Reply = { status: 'BAD' };

let asked = 0;
const byStatus = ({ result }: Call): boolean | string => {
  asked++;
  return (result as Reply).status === 'OK' ? false : (result as Reply).status;
};

@Instrumented({ failed: byStatus })
@ThriftService('Failed')
class FailedHandler {
  sync(reply: Reply) {
    return reply;
  }
  async async(reply: Reply) {
    return reply;
  }
  thenable(reply: Reply): PromiseLike<Reply> {
    return { then: (settle: (value: Reply) => void) => settle(reply) } as PromiseLike<Reply>;
  }
  callback(reply: Reply, done: Callback) {
    done(null, reply);
    done(null, OK);
  }
  throws(): Reply {
    throw new Rejected('no');
  }
  static make(reply: Reply) {
    return reply;
  }
  @Timed({ failed: () => false }) own(reply: Reply) {
    return reply;
  }
}

@ThriftService('FailedStack')
class Stack {
  @Timed({ failed: byStatus }) @ErrorsCounted({ failed: byStatus }) shared(reply: Reply) {
    return reply;
  }
  @Timed({ failed: byStatus }) @ErrorsCounted timed(reply: Reply) {
    return reply;
  }
  @Timed @ErrorsCounted({ failed: () => true }) counted(reply: Reply) {
    return reply;
  }
  @ErrorsCounted({ failed: byStatus }) @Timed({ failed: () => false }) apart(reply: Reply) {
    return reply;
  }
}

class Unnamed {
  @Instrumented({ failed: byStatus }) later(reply: Reply) {
    return reply;
  }
}

const handler = new FailedHandler();
const stack = new Stack();

const ways: readonly [string, (reply: Reply) => unknown][] = [
  ['sync', (reply) => handler.sync(reply)],
  ['async', (reply) => handler.async(reply)],
  ['thenable', (reply) => new Promise((resolve) => void handler.thenable(reply).then(resolve))],
  [
    'callback',
    (reply) =>
      new Promise((resolve) => handler.callback(reply, (_error, result) => resolve(result))),
  ],
  ['make', (reply) => FailedHandler.make(reply)],
];

export const cases: Case[] = [
  ...ways.map(([method, call]): Case => ({
    name: `a result that counts as failed is asked about once and counted as result, for "${method}"`,
    async run() {
      assert.equal(await errors('Failed', method, 'result', 'result'), 0);
      asked = 0;
      assert.equal(await call(BAD), BAD);
      assert.equal(asked, 1);
      assert.equal(await call(OK), OK);
      assert.deepEqual(await outcomes('Failed', method), [1, 1]);
      assert.equal(await errors('Failed', method, 'result', 'BAD'), 1);
      assert.equal(await errors('Failed', method, 'result', 'result'), 0);
    },
  })),
  {
    name: 'failed is not asked about a call that threw',
    async run() {
      asked = 0;
      assert.ok(thrownBy(() => handler.throws()) instanceof Rejected);
      assert.equal(asked, 0);
      assert.deepEqual(await outcomes('Failed', 'throws'), [0, 1]);
      assert.equal(await errors('Failed', 'throws', 'declared', 'Rejected'), 1);
    },
  },
  {
    name: 'failed of a class does not replace that of a method decorator',
    async run() {
      handler.own(BAD);
      assert.deepEqual(await outcomes('Failed', 'own'), [1, 0]);
      assert.equal(await errors('Failed', 'own', 'result', 'BAD'), 1);
    },
  },
  {
    name: 'a stack of decorators asks a shared function once',
    async run() {
      asked = 0;
      stack.shared(BAD);
      assert.equal(asked, 1);
      assert.deepEqual(await outcomes('FailedStack', 'shared'), [0, 1]);
      assert.equal(await errors('FailedStack', 'shared', 'result', 'BAD'), 1);
    },
  },
  {
    name: 'failed of one decorator of a stack decides for its metric only',
    async run() {
      stack.timed(BAD);
      assert.deepEqual(await outcomes('FailedStack', 'timed'), [0, 1]);
      assert.equal(await errors('FailedStack', 'timed', 'result', 'result'), undefined);
      assert.equal(await errors('FailedStack', 'timed', 'result', 'BAD'), undefined);
      stack.counted(OK);
      assert.deepEqual(await outcomes('FailedStack', 'counted'), [1, 0]);
      assert.equal(await errors('FailedStack', 'counted', 'result', 'result'), 1);
      asked = 0;
      stack.apart(BAD);
      assert.equal(asked, 1);
      assert.deepEqual(await outcomes('FailedStack', 'apart'), [1, 0]);
      assert.equal(await errors('FailedStack', 'apart', 'result', 'BAD'), 1);
    },
  },
  {
    name: 'failed works on a method of a class without a class decorator',
    async run() {
      assert.equal(new Unnamed().later(BAD), BAD);
      assert.deepEqual(await outcomes('Unnamed', 'later'), [0, 1]);
      assert.equal(await errors('Unnamed', 'later', 'result', 'BAD'), 1);
    },
  },
  {
    name: 'instrument measures one function with the option failed',
    async run() {
      const run = instrument((reply: Reply) => reply, {
        service: 'FailedFunction',
        method: 'run',
        failed: byStatus,
      });
      assert.equal(await errors('FailedFunction', 'run', 'result', 'result'), 0);
      assert.equal(run(BAD), BAD);
      assert.deepEqual(await outcomes('FailedFunction', 'run'), [0, 1]);
      assert.equal(await errors('FailedFunction', 'run', 'result', 'BAD'), 1);
    },
  },
];

function errors(service: string, method: string, kind: string, type: string) {
  return read('thrift_server_errors_total', {
    thrift_service: service,
    thrift_method: method,
    thrift_exception_kind: kind,
    thrift_exception_type: type,
  });
}

/** Successes and failures by the latency histogram. */
async function outcomes(service: string, method: string) {
  const series = { thrift_service: service, thrift_method: method };
  const latency = 'thrift_server_latency_seconds_count';
  return [
    await read(latency, { ...series, thrift_success: 'true' }),
    await read(latency, { ...series, thrift_success: 'false' }),
  ];
}
