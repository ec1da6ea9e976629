import 'reflect-metadata';
import { applyDecorators, Injectable, SetMetadata } from '@nestjs/common';
import {
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  ThriftService,
  Timed,
} from 'thrift-metrics';

@Injectable()
export class Store {
  read(key: string): string {
    return `read ${key}`;
  }
}

/** A custom decorator that sets metadata for guards, as programs write them. */
const Role = (role: string) => SetMetadata('role', role);

const Measured = () => applyDecorators(Counted, Timed(), ErrorsCounted(), InFlight);

/** Methods with NestJS decorators above, between and below ours. */
@Injectable()
@ThriftService('Guarded')
export class Guarded {
  constructor(private readonly store: Store) {}

  @Role('above') @Counted @Timed above(key: string): string {
    return this.store.read(key);
  }

  @Counted @Role('between') @Timed between(key: string): string {
    return this.store.read(key);
  }

  @Counted @Timed @Role('below') below(key: string): string {
    return this.store.read(key);
  }

  @Measured() @Role('composed') composed(key: string): string {
    return this.store.read(key);
  }
}

@Injectable()
@Instrumented({ service: 'InstrumentedBelow' })
export class InstrumentedBelow {
  constructor(private readonly store: Store) {}

  @Role('class') read(key: string): string {
    return this.store.read(key);
  }
}

@Instrumented({ service: 'InstrumentedAbove' })
@Injectable()
export class InstrumentedAbove {
  constructor(private readonly store: Store) {}

  @Role('class') read(key: string): string {
    return this.store.read(key);
  }
}
