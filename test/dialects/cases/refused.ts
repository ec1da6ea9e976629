import assert from 'node:assert/strict';

import {
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  NotInstrumented,
  ThriftService,
  Timed,
} from 'thrift-metrics';

import { dialect } from './dialect.js';
import { refusal, untyped, type AnyDecorator, type Case } from './kit.js';

// The types reject all of these as well (types/invalid.ts). These cases bypass the types.
const named = { Counted, Timed, ErrorsCounted, InFlight };
const onMethods = { ...named, Instrumented };

export const cases: Case[] = [
  ...entries(onMethods).flatMap(([name, decorate]): Case[] => [
    refuses(`${name} on a getter`, 'balance', () => {
      class OnGetter {
        @decorate get balance() {
          return 1;
        }
      }
      return OnGetter;
    }),
    refuses(`${name}() on a getter`, 'balance', () => {
      class OnGetter {
        @decorate() get balance() {
          return 1;
        }
      }
      return OnGetter;
    }),
    refuses(`${name} on a setter`, 'balance', () => {
      class OnSetter {
        @decorate set balance(_value: number) {}
      }
      return OnSetter;
    }),
    refuses(`${name} on a field`, 'amount', () => {
      class OnField {
        @decorate amount = 1;
      }
      return OnField;
    }),
    refuses(`${name}() on a field`, 'amount', () => {
      class OnField {
        @decorate() amount = 1;
      }
      return OnField;
    }),
    refuses(`${name} on a static field`, 'amount', () => {
      // oxlint-disable-next-line typescript/no-extraneous-class -- only the statement matters
      class OnStaticField {
        @decorate static amount = () => 1;
      }
      return OnStaticField;
    }),
  ]),
  ...entries(named).flatMap(([name, decorate]): Case[] => [
    refuses(`${name} on a class`, 'OnClass', () => {
      @decorate
      class OnClass {
        call() {}
      }
      return OnClass;
    }),
    refuses(`${name}('a_name') on a class`, 'OnClass', () => {
      @decorate('refused_on_class')
      class OnClass {
        call() {}
      }
      return OnClass;
    }),
    refuses(`${name} with an unknown option`, 'halp', () => {
      class UnknownOption {
        @decorate({ halp: 'a misspelling' }) call() {}
      }
      return UnknownOption;
    }),
    refuses(`${name} with a label name that Prometheus does not allow`, 'not-a-label', () => {
      class WrongLabel {
        @decorate({ labels: { 'not-a-label': 'x' } }) call() {}
      }
      return WrongLabel;
    }),
  ]),
  refuses('ThriftService on a method', 'call', () => {
    class OnMethod {
      @untyped(ThriftService('Refused')) call() {}
    }
    return OnMethod;
  }),
  refuses('NotInstrumented on a field', 'amount', () => {
    class OnField {
      @untyped(NotInstrumented) amount = 1;
    }
    return OnField;
  }),
];

if (dialect === 'standard') {
  cases.push(
    // Called by hand, because not every compiler supports the syntax.
    refuses('Counted on an accessor', 'amount', () =>
      untyped(Counted)({ get() {}, set() {} }, { kind: 'accessor', name: 'amount' }),
    ),
  );
}

function entries(decorators: object): [string, AnyDecorator][] {
  return Object.entries(decorators).map(([name, decorator]) => [name, untyped(decorator)]);
}

function refuses(what: string, name: string, define: () => unknown): Case {
  return {
    name: `${what} is rejected at definition by an error that names it`,
    run() {
      const { message } = refusal(define);
      assert.ok(message.includes(name), message);
    },
  };
}
