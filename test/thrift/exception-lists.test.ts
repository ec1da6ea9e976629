import { beforeEach, describe, expect, test } from 'vitest';

import { Instrumented, resetMetrics } from '../../src/index';
import { countsOf, errorsOf, failedWith } from './handler-counts';
import { loadOutputs } from './generated';
import { startLibrary } from './start-library';

beforeEach(resetMetrics);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const { Refused, Renamed, Detail } = generated.types;
  const renamed = () => new Renamed({ name: 1, message: new Detail({ text: 'odd' }) });
  const service = `Listing${generated.style}`;

  @Instrumented({ service, exceptions: [Refused] })
  class Handler {
    async divide(_left: number, right: number) {
      if (right === 0) throw new Refused({ why: 'by 0' });
      throw renamed();
    }

    async twice(_number: number) {
      throw new RangeError('too much');
    }
  }

  @Instrumented({ service: `${service}More`, exceptions: [Refused] })
  class HandlerWithMethodList {
    @Instrumented({ exceptions: [Refused, Renamed] })
    async divide(_left: number, _right: number) {
      throw renamed();
    }
  }

  test('listed exceptions and an undeclared Error have series at 0 from the start', async () => {
    expect(await errorsOf('divide', service)).toEqual({
      'declared Refused': 0,
      'undeclared Error': 0,
    });
    expect(await errorsOf('divide', `${service}More`)).toEqual({
      'declared Refused': 0,
      'declared Renamed': 0,
      'undeclared Error': 0,
    });
  });

  test('a listed exception is declared', async () => {
    const call = await startLibrary(generated, new Handler());

    await expect(call('divide', 1, 0)).rejects.toBeInstanceOf(Refused);

    expect(await countsOf('divide', service)).toEqual(failedWith('declared Refused'));
  });

  test('an exception that is not listed is undeclared, whatever the client receives', async () => {
    const call = await startLibrary(generated, new Handler());

    await expect(call('divide', 1, 1)).rejects.toBeInstanceOf(Renamed);

    expect(await countsOf('divide', service)).toEqual(failedWith('undeclared Renamed'));
  });

  test('the list of a method overrides the list of its class', async () => {
    const call = await startLibrary(generated, new HandlerWithMethodList());

    await expect(call('divide', 1, 1)).rejects.toMatchObject({ name: 1, message: { text: 'odd' } });

    expect(await countsOf('divide', `${service}More`)).toEqual(failedWith('declared Renamed'));
  });

  test('an error that is not in the IDL is undeclared, with the name of its class as the type', async () => {
    const call = await startLibrary(generated, new Handler());

    await expect(call('twice', 1)).rejects.toMatchObject({ message: 'too much' });

    expect(await countsOf('twice', service)).toEqual(failedWith('undeclared RangeError'));
  });
});
