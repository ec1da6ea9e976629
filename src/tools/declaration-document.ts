import { asReadersSeeAll, declaredMethods } from '../declaration/describe';
import type { Runtime } from '../runtime/runtime';

/** What this process declares, in the format of `thrift-metrics list --json`. */
export function declarationDocument(runtime: Runtime): string {
  return JSON.stringify(asReadersSeeAll(runtime, declaredMethods(runtime)));
}
