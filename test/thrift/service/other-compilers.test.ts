import { expect, test } from 'vitest';

import { ErrorsCounted, instrumentService, ThriftService } from '../../../src/index';
import { errorOf } from '../../support/error-of';
import { thrift } from '../../support/start-thrift';
import { unhandledRejectionsOf } from '../../support/unhandled-rejections';
import { errorsOf } from '../handler-counts';

const { REPLY, EXCEPTION } = thrift.Thrift.MessageType;

class Locked extends Error {}
class Jammed extends Locked {}

interface Output {
  writeMessageBegin(name: string, type: number, id: number): void;
  flush(): void;
}

// Written by hand, in the style of a compiler whose code answers in a later turn. test/consumers runs real output.
class LateProcessor {
  constructor(readonly _handler: { open(): Promise<string> }) {}

  process(input: { readMessageBegin(): { fname: string; rseqid: number } }, output: Output) {
    const { fname, rseqid } = input.readMessageBegin();
    if (fname === 'open') this.process_open(rseqid, { readMessageEnd() {} }, output);
  }

  process_open(id: number, input: { readMessageEnd(): void }, output: Output) {
    const answer = (type: number): void => {
      output.writeMessageBegin('open', type, id);
      output.flush();
    };
    new Promise((resolve) => {
      input.readMessageEnd();
      resolve(this._handler.open());
    })
      .then(() => answer(REPLY))
      .catch((error: unknown) => answer(error instanceof Locked ? REPLY : EXCEPTION));
  }
}

test('exceptions that generated code checks for in a later turn are declared by name', async () => {
  @ThriftService('Late')
  class Handler {
    constructor(private readonly thrown: unknown) {}

    @ErrorsCounted
    async open(): Promise<string> {
      throw this.thrown;
    }
  }
  const { Processor } = instrumentService({ Processor: LateProcessor });

  const unhandled = await unhandledRejectionsOf(async () => {
    const classless: unknown = Object.create({ constructor: 'Locked' });
    for (const thrown of [new Locked(), new Jammed(), new TypeError(), classless]) {
      const handler = new Handler(thrown);
      new Processor(handler);
      await handler.open().catch(() => {});
    }
  });

  expect(unhandled).toEqual([]);
  expect(await errorsOf('open', 'Late')).toEqual({
    'declared Locked': 1,
    'declared Jammed': 1,
    'undeclared TypeError': 1,
    'undeclared Object': 1,
    'undeclared Error': 0,
  });
});

test('a processor of another Thrift library is refused', () => {
  class OtherProcessor {
    process(input: { readMessageBegin(): { fieldName: string } }) {
      return Promise.resolve(input.readMessageBegin().fieldName);
    }
  }
  for (const service of [OtherProcessor, { Processor: OtherProcessor }]) {
    expect(errorOf(() => instrumentService(service))).toMatchObject({
      code: 'TM_ERR_OPTION_INVALID',
      message:
        'instrumentService: the processor of the service reads messages of another library than thrift, so it cannot be measured. Decorate its handler instead.',
    });
  }
});
