import assert from 'node:assert/strict';

import 'reflect-metadata';
import { Counted, Instrumented, ThriftService, Timed } from 'thrift-metrics';

import { dialect, emitsDesignTypes } from './dialect.js';
import { untyped, type Case } from './kit.js';
import { tagged } from './others.js';

@ThriftService('Tagged')
class Tagged {
  @tagged('role', 'above') @Counted @Timed above() {}
  @Counted @tagged('role', 'between') @Timed between() {}
  @Counted @Timed @tagged('role', 'below') below() {}
}

@Instrumented({ service: 'TaggedByClass' })
class TaggedByClass {
  @tagged('role', 'class') call() {}
}

export const cases: Case[] = [
  ...(['above', 'between', 'below'] as const).map((place): Case => ({
    name: `metadata that a decorator ${place} ours puts on the method is kept`,
    run() {
      assert.equal(Reflect.getMetadata('role', Tagged.prototype[place]), place);
    },
  })),
  {
    name: 'metadata on a method is kept when the class is instrumented',
    run() {
      assert.equal(
        Reflect.getMetadata('role', Reflect.get(TaggedByClass.prototype, 'call') as object),
        'class',
      );
    },
  },
];

if (dialect === 'legacy') {
  class OnTheProperty {
    @Counted @untyped(Reflect.metadata('role', 'property')) call() {}
  }
  cases.push({
    name: 'metadata that another decorator puts on the property is kept',
    run() {
      assert.equal(Reflect.getMetadata('role', OnTheProperty.prototype, 'call'), 'property');
    },
  });
}

if (emitsDesignTypes) {
  class DesignTypes {
    @Counted @Timed add(_a: number, _b: string): boolean {
      return true;
    }
  }
  cases.push({
    name: 'the design types that the compiler emits are kept',
    run() {
      const types = ['design:paramtypes', 'design:returntype'].map(
        (key) => Reflect.getMetadata(key, DesignTypes.prototype, 'add') as unknown,
      );
      assert.deepEqual(types, [[Number, String], Boolean]);
    },
  });
}
