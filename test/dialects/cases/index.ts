import assert from 'node:assert/strict';

import { cases as classDecorators } from './class-decorators.js';
import { cases as declared } from './declared.js';
import { dialect } from './dialect.js';
import { cases as failed } from './failed.js';
import { cases as counted } from './forms-counted.js';
import { cases as errors } from './forms-errors.js';
import { cases as inFlight } from './forms-in-flight.js';
import { cases as instrumented } from './forms-instrumented.js';
import { cases as timed } from './forms-timed.js';
import { untyped, type Case } from './kit.js';
import { cases as metadata } from './metadata.js';
import { cases as methodKinds } from './method-kinds.js';
import { cases as objectives } from './objectives.js';
import { cases as refused } from './refused.js';
import { cases as registration } from './registration.js';
import { cases as sameMethod } from './same-method.js';
import { cases as serviceNames } from './service-names.js';

export const cases: Case[] = [
  {
    name: 'the source is compiled in the dialect under test',
    run() {
      const received: unknown[][] = [];
      const look = untyped((...args: unknown[]) => void received.push(args));
      class Looked {
        @look method() {}
      }
      assert.equal(typeof Looked, 'function');
      const second = received[0]?.[1];
      assert.equal(typeof second === 'string' ? 'legacy' : 'standard', dialect);
    },
  },
  ...counted,
  ...timed,
  ...errors,
  ...inFlight,
  ...instrumented,
  ...classDecorators,
  ...serviceNames,
  ...objectives,
  ...registration,
  ...methodKinds,
  ...sameMethod,
  ...metadata,
  ...failed,
  ...declared,
  ...refused,
];
