import assert from 'node:assert/strict';

import { InFlight, ThriftService } from 'thrift-metrics';

import { deferred, helpOf, read, type Case } from './kit.js';

@ThriftService('InFlightForms')
class InFlightForms {
  @InFlight bare(until: Promise<void>) {
    return until;
  }
  @InFlight() called(until: Promise<void>) {
    return until;
  }
  @InFlight('forms_in_flight_named') named(until: Promise<void>) {
    return until;
  }
  @InFlight('forms_in_flight_both', { help: 'In flight by name and options' })
  both(until: Promise<void>) {
    return until;
  }
  @InFlight({ name: 'forms_in_flight_options', labels: { tier: 'gold' } })
  options(until: Promise<void>) {
    return until;
  }
  @InFlight static bareStatic(until: Promise<void>) {
    return until;
  }
  @InFlight() static calledStatic(until: Promise<void>) {
    return until;
  }
  @InFlight('forms_in_flight_static', { labels: { tier: 'tin' } })
  static bothStatic(until: Promise<void>) {
    return until;
  }
}

const service = { thrift_service: 'InFlightForms' };
const forms = [
  ['bare', 'thrift_server_active_requests', {}],
  ['called', 'thrift_server_active_requests', {}],
  ['named', 'forms_in_flight_named', {}],
  ['both', 'forms_in_flight_both', {}],
  ['options', 'forms_in_flight_options', { tier: 'gold' }],
  ['bareStatic', 'thrift_server_active_requests', {}],
  ['calledStatic', 'thrift_server_active_requests', {}],
  ['bothStatic', 'forms_in_flight_static', { tier: 'tin' }],
] as const;

export const cases: Case[] = [
  ...forms.map(([method, sample, labels]): Case => ({
    name: `InFlight in the form "${method}" is 0 at definition, 1 during a call and 0 afterwards`,
    async run() {
      const active = () => read(sample, { ...service, thrift_method: method, ...labels });
      assert.equal(await active(), 0);
      const { promise, finish } = deferred();
      const running = call(method, promise);
      assert.equal(await active(), 1);
      finish();
      await running;
      assert.equal(await active(), 0);
    },
  })),
  {
    name: 'InFlight with a name and options uses the help of the options',
    async run() {
      assert.equal(await helpOf('forms_in_flight_both'), 'In flight by name and options');
    },
  },
];

function call(method: (typeof forms)[number][0], until: Promise<void>): Promise<void> {
  if (method === 'bareStatic' || method === 'calledStatic' || method === 'bothStatic') {
    return InFlightForms[method](until);
  }
  return new InFlightForms()[method](until);
}
