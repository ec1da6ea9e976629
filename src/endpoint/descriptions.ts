import type { ServerResponse } from 'node:http';

import { milliseconds } from '../metrics/clock';
import { definePart, type Runtime } from '../runtime/runtime';
import { declarationDocument } from '../tools/declaration-document';
import { describeStatus } from '../tools/status/describe-status';
import { respondJson } from './respond';

/** What an endpoint says about its process, by the path at which it says it. */
const DESCRIPTIONS: Readonly<Record<string, (runtime: Runtime) => string>> = {
  /** What is measured and what is not, for `thrift-metrics doctor`. */
  '/-/status': (runtime) => `${JSON.stringify(describeStatus(runtime))}\n`,
  /** What is declared, in the format of `thrift-metrics list --json`. */
  '/-/declaration': declarationDocument,
};

/** Most descriptions of a kind in a second, so that a flood of readers does not keep the process busy. */
const MOST_PER_SECOND = 10;

/** The latest description, which readers share once too many of them have come within a second. */
class SharedDescription {
  private latest: Buffer | null = null;
  private second = -1;
  private described = 0;

  constructor(private readonly describe: () => string) {}

  body(): Buffer {
    const second = Math.floor(milliseconds() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.described = 0;
    }
    if (this.latest === null || this.described < MOST_PER_SECOND) {
      this.described++;
      this.latest = Buffer.from(this.describe());
    }
    return this.latest;
  }
}

/** The descriptions of a process, which all its endpoints share. */
class Descriptions {
  private readonly byPath: ReadonlyMap<string, SharedDescription>;

  constructor(runtime: Runtime) {
    this.byPath = new Map(
      Object.entries(DESCRIPTIONS).map(([path, describe]) => [
        path,
        new SharedDescription(() => describe(runtime)),
      ]),
    );
  }

  /** Responds with the description at a path as JSON. Returns false if there is none. */
  serve(path: string, response: ServerResponse): boolean {
    const body = this.byPath.get(path)?.body();
    if (body === undefined) return false;
    respondJson(response, body);
    return true;
  }
}

export const descriptionsOf = definePart(
  'endpoint.descriptions',
  (runtime) => new Descriptions(runtime),
);
