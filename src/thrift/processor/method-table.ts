import { methodMetrics, UNKNOWN_METHOD, type MethodMetrics } from './method-metrics';
import { ONEWAY } from '../protocol';
import type { ProcessorMethod } from './generated-processor';

/** The methods of one processor, by the name that messages call them by. */
export class MethodTable {
  private readonly known = new Map<string, MethodMetrics>();
  private readonly unknown: MethodMetrics;

  constructor(
    methods: Iterable<ProcessorMethod>,
    private readonly service: string,
    serviceOf: (method: string) => string,
  ) {
    for (const { name, isOneway } of methods) {
      this.known.set(name, methodMetrics(serviceOf(name), name, isOneway ? 'oneway' : 'call'));
    }
    this.unknown = methodMetrics(service, UNKNOWN_METHOD, 'call');
  }

  find(name: unknown, type: unknown): MethodMetrics {
    const found = this.known.get(typeof name === 'string' ? name : textOf(name));
    if (found !== undefined) return found;
    return type === ONEWAY ? methodMetrics(this.service, UNKNOWN_METHOD, 'oneway') : this.unknown;
  }
}

/** As generated code makes it text when it looks for the method: a Buffer, where the message says no version. */
function textOf(name: unknown): string {
  try {
    return String(name);
  } catch {
    return '';
  }
}
