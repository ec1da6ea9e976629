import assert from 'node:assert/strict';

import { Counted, Instrumented, ThriftService } from 'thrift-metrics';

import { methodsOf, read, samplesOf, type Case } from './kit.js';
import { doubled } from './others.js';

const REQUESTS = 'thrift_server_requests_total';

@Instrumented
class PaymentsHandler {
  pay() {}
}

@Instrumented
class LedgerKeeper {
  post() {}
}

@ThriftService('Renamed')
class FormerNameHandler {
  @Counted old() {}
}

@ThriftService('ServiceWins')
@Instrumented({ service: 'InstrumentedLoses' })
class ServiceAbove {
  call() {}
}

@Instrumented({ service: 'InstrumentedLosesToo' })
@ThriftService('ServiceWinsToo')
class ServiceBelow {
  call() {}
}

@ThriftService('Shared')
class SharedHandler {
  @Counted ping() {
    return 'pong';
  }
  @Counted echo() {
    return 'shared';
  }
}

class SilentSub extends SharedHandler {}

@ThriftService('Own')
class OwnSub extends SharedHandler {
  @Counted override echo() {
    return `own ${super.echo()}`;
  }
}

class UndecoratedSub extends SharedHandler {
  override echo() {
    return `plain ${super.echo()}`;
  }
}

@Instrumented
class NamelessSubHandler extends SharedHandler {
  extra() {}
}

@Instrumented
class SelfNamingHandler {
  // Some compilers rename a class that refers to itself.
  static create() {
    return new SelfNamingHandler();
  }
  call() {}
}

class SelfNamingLateHandler {
  static last: SelfNamingLateHandler | undefined;
  @Counted call() {
    SelfNamingLateHandler.last = this;
  }
}

class LateBaseHandler {
  @Counted static fixed() {}
  @Counted base() {}
}

class LateSubHandler extends LateBaseHandler {
  @Counted sub() {}
}

class WrappedBaseHandler {
  @doubled @Counted wrapped() {
    return 21;
  }
}

class WrappedSubHandler extends WrappedBaseHandler {}

class DetachedHandler {
  @Counted call() {}
}

class BorrowedHandler {
  @Counted call() {}
}

class UnrelatedHandler {
  other() {}
}

export const cases: Case[] = [
  {
    name: 'a service is named after its class without a trailing Handler',
    async run() {
      assert.deepEqual(await methodsOf(REQUESTS, 'Payments'), ['pay']);
      assert.deepEqual(await samplesOf('PaymentsHandler'), []);
      new PaymentsHandler().pay();
      assert.equal(await requests('Payments', 'pay'), 1);
    },
  },
  {
    name: 'a class name without a trailing Handler names the service in full',
    async run() {
      new LedgerKeeper().post();
      assert.equal(await requests('LedgerKeeper', 'post'), 1);
    },
  },
  {
    name: 'a class that refers to itself names the service as it is written',
    async run() {
      SelfNamingHandler.create().call();
      new SelfNamingLateHandler().call();
      assert.equal(await requests('SelfNaming', 'call'), 1);
      assert.equal(await requests('SelfNamingLate', 'call'), 1);
    },
  },
  {
    name: 'ThriftService names the service, and no series has the name of the class',
    async run() {
      assert.equal(await requests('Renamed', 'old'), 0);
      new FormerNameHandler().old();
      assert.equal(await requests('Renamed', 'old'), 1);
      assert.deepEqual(await samplesOf('FormerName'), []);
    },
  },
  {
    name: 'ThriftService wins over the service option of Instrumented in either order',
    async run() {
      new ServiceAbove().call();
      new ServiceBelow().call();
      assert.equal(await requests('ServiceWins', 'call'), 1);
      assert.equal(await requests('ServiceWinsToo', 'call'), 1);
      assert.deepEqual(await samplesOf('InstrumentedLoses'), []);
      assert.deepEqual(await samplesOf('InstrumentedLosesToo'), []);
    },
  },
  {
    name: 'an inherited method keeps the service of the class that declares it',
    async run() {
      const before = await requests('Shared', 'ping');
      assert.equal(new SilentSub().ping(), 'pong');
      assert.equal(new OwnSub().ping(), 'pong');
      assert.equal(await requests('Shared', 'ping'), Number(before) + 2);
      assert.deepEqual(await samplesOf('SilentSub'), []);
    },
  },
  {
    name: 'a method redeclared under another ThriftService counts there, and its super call counts at the base',
    async run() {
      const before = await requests('Shared', 'echo');
      assert.equal(new OwnSub().echo(), 'own shared');
      assert.equal(await requests('Own', 'echo'), 1);
      assert.equal(await requests('Shared', 'echo'), Number(before) + 1);
      assert.deepEqual(await methodsOf(REQUESTS, 'Own'), ['echo']);
    },
  },
  {
    name: 'an override without decorators is not measured, but its super call is',
    async run() {
      const before = await requests('Shared', 'echo');
      assert.equal(new UndecoratedSub().echo(), 'plain shared');
      assert.equal(await requests('Shared', 'echo'), Number(before) + 1);
      assert.deepEqual(await samplesOf('UndecoratedSub'), []);
    },
  },
  {
    name: 'Instrumented on a subclass measures only the methods that it declares',
    async run() {
      const handler = new NamelessSubHandler();
      handler.extra();
      handler.ping();
      assert.deepEqual(await methodsOf(REQUESTS, 'NamelessSub'), ['extra']);
    },
  },
  {
    name: 'without class decorators, a base class and its subclass each keep their own service',
    async run() {
      const handler = new LateSubHandler();
      handler.base();
      handler.sub();
      LateSubHandler.fixed();
      assert.deepEqual(await methodsOf(REQUESTS, 'LateBase'), ['base', 'fixed']);
      assert.deepEqual(await methodsOf(REQUESTS, 'LateSub'), ['sub']);
      assert.equal(await requests('LateBase', 'base'), 1);
    },
  },
  {
    name: "a method under another library's wrapper keeps the service of the class that declares it",
    async run() {
      assert.equal(new WrappedSubHandler().wrapped(), 42);
      assert.equal(await requests('WrappedBase', 'wrapped'), 1);
      assert.deepEqual(await samplesOf('WrappedSub'), []);
    },
  },
  {
    name: 'a first call on undefined does not decide the service of later calls',
    async run() {
      DetachedHandler.prototype.call.call(undefined as never);
      const before = (await requests('Detached', 'call')) ?? 0;
      new DetachedHandler().call();
      assert.equal(await requests('Detached', 'call'), before + 1);
    },
  },
  {
    name: 'a first call on an object of another class does not decide the service of later calls',
    async run() {
      BorrowedHandler.prototype.call.call(new UnrelatedHandler());
      const before = (await requests('Borrowed', 'call')) ?? 0;
      new BorrowedHandler().call();
      assert.equal(await requests('Borrowed', 'call'), before + 1);
      assert.deepEqual(await samplesOf('Unrelated'), []);
    },
  },
];

function requests(service: string, method: string) {
  return read(REQUESTS, { thrift_service: service, thrift_method: method });
}
