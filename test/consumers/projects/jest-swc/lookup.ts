import { Thrift } from 'thrift';
import { Counted, ErrorsCounted, Instrumented, Timed } from 'thrift-metrics';

export class NotFound extends Thrift.TException {}

export class LookupHandler {
  @Counted
  @Timed
  async find(key: string): Promise<string> {
    return `found ${key}`;
  }
}

@Instrumented
export class FailingHandler {
  @ErrorsCounted({ exceptions: [NotFound] })
  declared(): never {
    throw new NotFound('no such thing');
  }

  undeclared(): never {
    throw new TypeError('not declared');
  }
}
