// No marked line may compile, in either dialect and with any of the compilers. The text after the colon names the test.
// The snippets differ from those in valid.ts only by the mistake.
import {
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  NotInstrumented,
  ThriftService,
  Timed,
  configureMetrics,
  instrumentHandler,
} from 'thrift-metrics';

export class WrongOptions {
  // @ts-expect-error: an unknown option of Counted
  @Counted({ halp: 'misspelt' }) a() {}
  // @ts-expect-error: an unknown option after a metric name
  @Counted('a_total', { nam: 'misspelt' }) b() {}
  // @ts-expect-error: a metric name that is not a string
  @Counted({ name: 1 }) c() {}
  // @ts-expect-error: a metric name given as a number
  @Counted(1) d() {}
  // @ts-expect-error: a help text that is not a string
  @InFlight({ help: ['one', 'two'] }) e() {}
  // @ts-expect-error: buckets of a counter
  @Counted({ buckets: [1, 2] }) f() {}
  // @ts-expect-error: buckets that are not a list
  @Timed({ buckets: 5 }) g() {}
  // @ts-expect-error: buckets that are not numbers
  @Timed({ buckets: ['1', '2'] }) h() {}
  // @ts-expect-error: exceptions of a histogram
  @Timed({ exceptions: [Error] }) i() {}
  // @ts-expect-error: exceptions that are not a list
  @ErrorsCounted({ exceptions: Error }) j() {}
  // @ts-expect-error: an exception that is not a class
  @ErrorsCounted({ exceptions: ['NotFound'] }) k() {}
  // @ts-expect-error: an exception that is an instance
  @ErrorsCounted({ exceptions: [new Error('an instance')] }) l() {}
  // @ts-expect-error: a label value that is a number
  @Counted({ labels: { tier: 1 } }) m() {}
  // @ts-expect-error: a label value that is a list
  @Counted({ labels: { tier: ['gold'] } }) n() {}
  // @ts-expect-error: a label function that returns an object
  @Counted({ labels: { tier: () => ({}) } }) o() {}
  // @ts-expect-error: a label function that reads a property that the call does not have
  @Counted({ labels: { tier: (call) => String(call.arguments) } }) p() {}
  // @ts-expect-error: an unknown metric of Instrumented
  @Instrumented({ count: false }) q() {}
  // @ts-expect-error: a metric of Instrumented that is true
  @Instrumented({ counted: true }) r() {}
  // @ts-expect-error: an unknown option inside Instrumented
  @Instrumented({ timed: { bucket: [1] } }) s() {}
}

// @ts-expect-error: a service name that is not a string
@ThriftService(1)
export class WrongName {
  call() {}
}

// @ts-expect-error: ThriftService without a name
@ThriftService()
export class NoName {
  call() {}
}

export class WrongTargets {
  // @ts-expect-error: Counted on a getter
  @Counted get a() {
    return 1;
  }
  // @ts-expect-error: Timed() on a getter
  @Timed() get b() {
    return 1;
  }
  // @ts-expect-error: Instrumented on a getter
  @Instrumented get c() {
    return 1;
  }
  // @ts-expect-error: Counted on a field
  @Counted d = 1;
  // @ts-expect-error: Timed() on a field
  @Timed() e = 1;
  // @ts-expect-error: InFlight with a name on a field
  @InFlight('f_active') f = 1;
  // @ts-expect-error: Instrumented on a field
  @Instrumented g = 1;
  // @ts-expect-error: NotInstrumented on a field
  @NotInstrumented h = 1;
  // @ts-expect-error: ThriftService on a method
  @ThriftService('Method') i() {}
}

// @ts-expect-error: Counted on a class
@Counted
export class CountedClass {
  call() {}
}

// @ts-expect-error: Timed() on a class
@Timed()
export class TimedClass {
  call() {}
}

// @ts-expect-error: NotInstrumented on a class
@NotInstrumented
export class NotInstrumentedClass {
  call() {}
}

// @ts-expect-error: an unknown option of configureMetrics
configureMetrics({ defaultLabel: { app: 'calculator' } });
// @ts-expect-error: a default label that is a list
configureMetrics({ defaultLabels: { app: ['calculator'] } });
// @ts-expect-error: an object that is not a registry
configureMetrics({ registry: {} });
// @ts-expect-error: an unknown option of instrumentHandler
instrumentHandler({ add: (a: number) => a }, { services: 'Calculator' });
// @ts-expect-error: a handler that is not an object
instrumentHandler(1, { service: 'Calculator' });
