/** A mistake, and what the compiler should say about it: the first line that explains it, without the error's number. */
export interface Misuse {
  readonly title: string;
  readonly code: string;
  readonly message: string | RegExp;
}

/** Quoted by the compiler as the result of a decorator, which no decorator may have. */
function quoted(text: string): RegExp {
  const literal = text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(
    `^Decorator function return type (?:is )?'Misuse<"${literal}">' (?:is|but is) `,
  );
}

function mismatch(text: string, types: string): RegExp {
  const literal = `'Mismatch<"${text}", ${types}>'`.replaceAll(/[.[\]{}]/g, String.raw`\$&`);
  return new RegExp(`^Decorator function return type ${literal} is not assignable to type`);
}

const inClass = (member: string) => `class Handler { ${member} }`;
const onClass = (decorator: string) => `${decorator} class Handler { add() {} }`;

const CALL = 'Call<readonly any[], any>';

export const misuses: readonly Misuse[] = [
  {
    title: 'a misspelt option of Timed',
    code: inClass('@Timed({ bucket: [1] }) add() {}'),
    message: `Object literal may only specify known properties, but 'bucket' does not exist in type 'TimedOptions<${CALL}>'. Did you mean to write 'buckets'?`,
  },
  {
    title: 'an option of another decorator',
    code: inClass('@Counted({ buckets: [1] }) add() {}'),
    message: `Object literal may only specify known properties, and 'buckets' does not exist in type 'MetricOptions<${CALL}>'.`,
  },
  {
    title: 'a misspelt option after the name',
    code: inClass(`@Timed('add_seconds', { bucket: [1] }) add() {}`),
    message: `Object literal may only specify known properties, but 'bucket' does not exist in type 'Omit<TimedOptions<${CALL}>, "name">'. Did you mean to write 'buckets'?`,
  },
  {
    title: 'the name after the options',
    code: inClass(`@Counted({ help: 'Calls' }, 'adds_total') add() {}`),
    message: quoted("@Counted takes the name before the options. Write @Counted('name', { … })."),
  },
  {
    title: 'a second name in the options',
    code: inClass(`@Counted('adds_total', { name: 'calls_total' }) add() {}`),
    message: `Object literal may only specify known properties, and 'name' does not exist in type 'Omit<CountedOptions<${CALL}>, "name">'.`,
  },
  {
    title: 'a string where options belong',
    code: inClass(`@Counted('adds_total', 'Calls') add() {}`),
    message: `Type '"Calls"' has no properties in common with type 'Omit<CountedOptions<${CALL}>, "name">'.`,
  },
  {
    title: 'a number where options belong',
    code: inClass('@Timed(5) add() {}'),
    message: `Type '5' has no properties in common with type 'TimedOptions<${CALL}>'.`,
  },
  {
    title: 'a list of exceptions where options belong',
    code: inClass('@ErrorsCounted([InvalidOperation]) add() {}'),
    message: quoted(
      '@ErrorsCounted takes an object of options, not a list. Write @ErrorsCounted({ … }).',
    ),
  },
  {
    title: 'buckets that are not a list',
    code: inClass('@Timed({ buckets: 5 }) add() {}'),
    message: "Type 'number' is not assignable to type 'readonly number[]'.",
  },
  {
    title: 'buckets that are not numbers',
    code: inClass(`@Timed({ buckets: ['5'] }) add() {}`),
    message: "Type 'string' is not assignable to type 'number'.",
  },
  {
    title: 'labels that are not an object',
    code: inClass(`@Timed({ labels: 'gold' }) add() {}`),
    message: `Type 'string' is not assignable to type 'Readonly<Record<string, LabelValue<${CALL}>>>'.`,
  },
  {
    title: 'a label value that is a number',
    code: inClass('@Counted({ labels: { tier: 1 } }) add() {}'),
    message: `Type 'number' is not assignable to type 'LabelValue<${CALL}>'.`,
  },
  {
    title: 'a label function that returns a number',
    code: inClass('@Counted({ labels: { tier: () => 1 } }) add() {}'),
    message: `Type '() => number' is not assignable to type 'LabelValue<${CALL}>'.`,
  },
  {
    title: 'an async label function',
    code: inClass(`@Counted({ labels: { tier: async () => 'gold' } }) add() {}`),
    message: `Type '() => Promise<string>' is not assignable to type 'LabelValue<${CALL}>'.`,
  },
  {
    title: 'a label function that reads an argument which the method does not have',
    code: inClass(
      '@Counted<[number, Work]>({ labels: { op: ({ args }) => String(args[7]) } }) add(left: number, work: Work) {}',
    ),
    message: "Tuple type '[number, Work]' of length '2' has no element at index '7'.",
  },
  {
    title: 'a label function that reads a misspelt property of an argument',
    code: inClass(
      '@Counted({ labels: { op: ({ args }: Call<[Work]>) => String(args[0].opp) } }) add(work: Work) {}',
    ),
    message: "Property 'opp' does not exist on type 'Work'.",
  },
  {
    title: 'a label function that expects arguments of other types',
    code: inClass(
      '@Counted({ labels: { op: ({ args }: Call<[number, Work]>) => String(args[1].op) } }) add(left: string, work: Work) {}',
    ),
    message: mismatch(
      'A function in the options expects other arguments than this method has.',
      '{ method: [left: string, work: Work]; expected: [number, Work]; }',
    ),
  },
  {
    title: 'a label function that expects more arguments',
    code: inClass(
      '@Instrumented({ labels: { op: ({ args }: Call<[number, Work]>) => String(args[1].op) } }) add(left: number) {}',
    ),
    message: mismatch(
      'A function in the options expects other arguments than this method has.',
      '{ method: [left: number]; expected: [number, Work]; }',
    ),
  },
  {
    title: 'a label function that expects another result',
    code: inClass(
      `@Timed({ labels: { size: ({ result = '' }: Call<[], string>) => String(result.length) } }) async add() { return 1; }`,
    ),
    message: mismatch(
      'A function in the options expects another result than this method has.',
      '{ method: number; expected: string; }',
    ),
  },
  {
    title: 'a label function that expects another result of a callback',
    code: inClass(
      `@Timed({ labels: { size: ({ result = '' }: Call<[], string>) => result } }) add(callback: (error: Error | null, sum?: number) => void) {}`,
    ),
    message: mismatch(
      'A function in the options expects another result than this method has.',
      '{ method: number; expected: string; }',
    ),
  },
  {
    title: 'a failed function that is async',
    code: inClass('@Timed({ failed: async () => true }) add() {}'),
    message: `Type '() => Promise<boolean>' is not assignable to type 'FailedFunction<${CALL}>'.`,
  },
  {
    title: 'a failed function that returns a number',
    code: inClass('@Instrumented({ failed: () => 1 }) add() {}'),
    message: `Type '() => number' is not assignable to type 'FailedFunction<${CALL}>'.`,
  },
  {
    title: 'exceptions that are not a list',
    code: inClass('@ErrorsCounted({ exceptions: InvalidOperation }) add() {}'),
    message:
      /^Type 'typeof InvalidOperation' is missing the following properties from type 'readonly ExceptionClass\[\]': /,
  },
  {
    title: 'exceptions that are instances',
    code: inClass('@ErrorsCounted({ exceptions: [new InvalidOperation()] }) add() {}'),
    message: "Type 'InvalidOperation' is not assignable to type 'ExceptionClass'.",
  },
  {
    title: 'an unknown option of Instrumented',
    code: onClass(`@Instrumented({ services: 'Calculator' })`),
    message: `Object literal may only specify known properties, but 'services' does not exist in type 'InstrumentedOptions<${CALL}>'. Did you mean to write 'service'?`,
  },
  {
    title: 'a metric of Instrumented that is true',
    code: onClass('@Instrumented({ timed: true })'),
    message: `Type 'true' is not assignable to type 'false | TimedOptions<${CALL}> | undefined'.`,
  },
  {
    title: 'a metric of Instrumented that is a name',
    code: onClass(`@Instrumented({ counted: 'adds_total' })`),
    message: `Type 'string' is not assignable to type 'false | CountedOptions<${CALL}> | undefined'.`,
  },
  {
    title: 'a misspelt option inside Instrumented',
    code: onClass('@Instrumented({ timed: { bucket: [1] } })'),
    message: `Object literal may only specify known properties, but 'bucket' does not exist in type 'TimedOptions<${CALL}>'. Did you mean to write 'buckets'?`,
  },
  {
    title: 'Instrumented with the name of the service',
    code: onClass(`@Instrumented('Calculator')`),
    message: quoted(
      '@Instrumented takes an object of options, not a name. Write @Instrumented({ service: … }) on a class.',
    ),
  },
  {
    title: 'Instrumented on a field',
    code: inClass('@Instrumented sum = 1;'),
    message: quoted(
      '@Instrumented cannot decorate a field, an accessor or a parameter. Put it on a method or on a class.',
    ),
  },
  ...(['@Counted', '@Timed()', `@InFlight('active')`, '@ErrorsCounted({})'] as const).flatMap(
    (use): Misuse[] => {
      const name = /^@\w+/.exec(use)?.[0] ?? '';
      const member = `${name} cannot decorate a field, an accessor or a parameter. Put it on a method.`;
      return [
        {
          title: `${use} on a class`,
          code: onClass(use),
          message: quoted(
            `${name} cannot decorate a class. Put it on a method, or use @Instrumented to measure every method.`,
          ),
        },
        {
          title: `${use} on a field`,
          code: inClass(`${use} sum = 1;`),
          message: quoted(member),
        },
        {
          title: `${use} on a static field`,
          code: inClass(`${use} static sum = 1;`),
          message: quoted(member),
        },
        {
          title: `${use} on a getter`,
          code: inClass(`${use} get sum() { return 1; }`),
          message: quoted(member),
        },
        {
          title: `${use} on a setter`,
          code: inClass(`${use} set sum(value: number) {}`),
          message: quoted(member),
        },
        {
          title: `${use} on an auto-accessor`,
          code: inClass(`${use} accessor sum = 1;`),
          message: quoted(member),
        },
      ];
    },
  ),
  {
    title: 'NotInstrumented on a class',
    code: onClass('@NotInstrumented'),
    message: quoted(
      '@NotInstrumented cannot decorate a class. Put it on a method, or remove @Instrumented from the class.',
    ),
  },
  {
    title: 'NotInstrumented on a field',
    code: inClass('@NotInstrumented() sum = 1;'),
    message: quoted(
      '@NotInstrumented cannot decorate a field, an accessor or a parameter. Put it on a method.',
    ),
  },
  {
    title: 'Objective without options on a method',
    code: inClass('@Objective add() {}'),
    message: quoted('@Objective needs options. Write @Objective({ availability: 0.999 }).'),
  },
  {
    title: 'Objective without options on a class',
    code: onClass('@Objective'),
    message: quoted('@Objective needs options. Write @Objective({ availability: 0.999 }).'),
  },
  {
    title: 'an Objective that promises nothing',
    code: onClass('@Objective({})'),
    message: quoted(
      '@Objective needs availability, latency or both. Write @Objective({ availability: 0.999 }).',
    ),
  },
  {
    title: 'an Objective with a window alone',
    code: inClass(`@Objective({ window: '7d' }) add() {}`),
    message: quoted(
      '@Objective needs availability, latency or both. Write @Objective({ availability: 0.999 }).',
    ),
  },
  {
    title: 'an Objective that is a number',
    code: inClass('@Objective(0.999) add() {}'),
    message: quoted(
      '@Objective takes an object of options. Write @Objective({ availability: 0.999 }).',
    ),
  },
  {
    title: 'an availability that is text',
    code: inClass(`@Objective({ availability: '99.9%' }) add() {}`),
    message: "Type 'string' is not assignable to type 'number'.",
  },
  {
    title: 'a misspelt option of Objective',
    code: inClass('@Objective({ availabilty: 0.999 }) add() {}'),
    message:
      "Object literal may only specify known properties, but 'availabilty' does not exist in type 'ObjectiveOptions'. Did you mean to write 'availability'?",
  },
  {
    title: 'a latency with a quantile',
    code: inClass('@Objective({ latency: { p99: 0.25 } }) add() {}'),
    message:
      "Object literal may only specify known properties, and 'p99' does not exist in type '{ readonly target: number; readonly within: number; }'.",
  },
  {
    title: 'Objective on a field',
    code: inClass('@Objective({ availability: 0.999 }) sum = 1;'),
    message: quoted(
      '@Objective cannot decorate a field, an accessor or a parameter. Put it on a method or on a class.',
    ),
  },
  {
    title: 'ThriftService without a name',
    code: onClass('@ThriftService'),
    message: quoted(
      "@ThriftService needs the name of the service. Write @ThriftService('Calculator').",
    ),
  },
  {
    title: 'ThriftService with a number',
    code: onClass('@ThriftService(1)'),
    message: "Argument of type 'number' is not assignable to parameter of type 'string'.",
  },
  {
    title: 'ThriftService with two names',
    code: onClass(`@ThriftService('Calculator', 'SharedService')`),
    message: quoted('@ThriftService takes one name.'),
  },
  {
    title: 'ThriftService on a method',
    code: inClass(`@ThriftService('Calculator') add() {}`),
    message: quoted('@ThriftService names the service of a class. Put it on the class.'),
  },
  {
    title: 'a handler that is not an object',
    code: `instrumentHandler('Calculator');`,
    message: "Argument of type 'string' is not assignable to parameter of type 'object'.",
  },
  {
    title: 'an unknown option of instrumentHandler',
    code: `instrumentHandler({}, { services: 'Calculator' });`,
    message: `Object literal may only specify known properties, but 'services' does not exist in type 'InstrumentedOptions<${CALL}>'. Did you mean to write 'service'?`,
  },
  {
    title: 'a label function of a handler that reads an argument which the method does not have',
    code: 'instrumentHandler({ half: (value: number) => value / 2, sum: (a: number, b: number) => a + b }, { labels: { b: (call) => String(call.method === "half" && call.args[1]) } });',
    message: "Tuple type '[value: number]' of length '1' has no element at index '1'.",
  },
  {
    title: 'an unknown option of instrumentClient',
    code: `instrumentClient({}, { nam: 'billing' });`,
    message:
      "Object literal may only specify known properties, but 'nam' does not exist in type 'InstrumentClientOptions'. Did you mean to write 'name'?",
  },
  {
    title: 'a name where the options of instrumentClient belong',
    code: `instrumentClient({}, 'billing');`,
    message: `Type '"billing"' has no properties in common with type 'InstrumentClientOptions'.`,
  },
  {
    title: 'an unknown option of configureMetrics',
    code: `configureMetrics({ defaultLabel: { env: 'test' } });`,
    message:
      "Object literal may only specify known properties, but 'defaultLabel' does not exist in type 'MetricsConfiguration'. Did you mean to write 'defaultLabels'?",
  },
  {
    title: 'a default label that is a number',
    code: 'configureMetrics({ defaultLabels: { shard: 3 } });',
    message: "Type 'number' is not assignable to type 'string'.",
  },
];
