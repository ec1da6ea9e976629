import { beforeEach, describe, expect, test } from 'vitest';

import {
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  instrumentHandler,
  resetMetrics,
  ThriftService,
  Timed,
} from '../../src/index';
import { countsOf, failedWith, NONE, SUCCEEDED } from './handler-counts';
import { loadOutputs } from './generated';
import { startLibrary } from './start-library';

beforeEach(resetMetrics);

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const { Item, Missing } = generated.types;

  class ShelfHandler {
    readonly #titles = new Map([[1, 'Ulysses']]);

    @Counted
    @Timed
    @ErrorsCounted({ exceptions: [Missing] })
    @InFlight
    async find(id: number) {
      const title = this.#titles.get(id);
      if (title === undefined) throw new Missing({ id });
      return new Item({ id, title });
    }

    @Instrumented
    clear() {
      this.#titles.clear();
    }
  }

  @Instrumented
  class LibraryHandler extends ShelfHandler {
    #calls = 0;

    async count() {
      return ++this.#calls;
    }

    twice(number: number) {
      this.#calls++;
      return 2 * number;
    }
  }

  test('an inherited method is counted under the service of the class that declares it', async () => {
    const call = await startLibrary(generated, new LibraryHandler());

    expect(await call('find', 1)).toMatchObject({ id: 1, title: 'Ulysses' });
    expect(await call('count')).toBe(1);

    expect(await countsOf('find', 'Shelf')).toEqual(SUCCEEDED);
    expect(await countsOf('count', 'Library')).toEqual(SUCCEEDED);
    await expect(countsOf('find', 'Library')).rejects.toThrow('no one series');
  });

  test('a declared exception of an inherited method reaches the client and counts as declared', async () => {
    const call = await startLibrary(generated, new LibraryHandler());

    await expect(call('find', 2)).rejects.toBeInstanceOf(Missing);

    expect(await countsOf('find', 'Shelf')).toEqual(failedWith('declared Missing'));
  });

  test('the methods of a class and of its base class share the private fields of a handler over all calls', async () => {
    const call = await startLibrary(generated, new LibraryHandler());

    await call('twice', 1);
    await call('clear');

    expect(await call('count')).toBe(2);
    await expect(call('find', 1)).rejects.toBeInstanceOf(Missing);
  });

  test('two handlers of a class share their series, but not their fields', async () => {
    const first = await startLibrary(generated, new LibraryHandler());
    const second = await startLibrary(generated, new LibraryHandler());

    expect(await first('count')).toBe(1);
    expect(await second('count')).toBe(1);

    expect(await countsOf('count')).toMatchObject({ requests: 2, succeeded: 2 });
  });

  test('an override in a class with its own service is counted there, and its super call under the base service', async () => {
    @ThriftService('Archive')
    class ArchiveHandler extends ShelfHandler {
      @Instrumented
      override async find(id: number) {
        return super.find(id);
      }
    }
    const call = await startLibrary(generated, new ArchiveHandler());

    await call('find', 1);
    await call('clear');

    expect(await countsOf('find', 'Archive')).toEqual(SUCCEEDED);
    expect(await countsOf('find', 'Shelf')).toEqual(SUCCEEDED);
    expect(await countsOf('clear', 'Shelf')).toEqual(SUCCEEDED);
  });

  test('the series of methods that were never called are 0', async () => {
    void new LibraryHandler();

    expect(await countsOf('find', 'Shelf')).toEqual(NONE);
    expect(await countsOf('clear', 'Shelf')).toEqual(NONE);
    expect(await countsOf('twice')).toEqual(NONE);
  });

  test('instrumentHandler measures inherited methods of an undecorated class under the given service', async () => {
    class PlainShelf {
      async find(id: number) {
        return new Item({ id });
      }
    }
    class PlainLibrary extends PlainShelf {
      readonly #answer = 42;

      async count() {
        return this.#answer;
      }
    }
    const handler = instrumentHandler(new PlainLibrary(), { service: 'Plain' });
    const call = await startLibrary(generated, handler);

    expect(await call('find', 3)).toMatchObject({ id: 3 });
    expect(await call('count')).toBe(42);

    expect(await countsOf('find', 'Plain')).toEqual(SUCCEEDED);
    expect(await countsOf('count', 'Plain')).toEqual(SUCCEEDED);
  });
});
