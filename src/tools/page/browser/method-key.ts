/** Names a method of a service. */
export interface MethodName {
  readonly service: string;
  readonly method: string;
}

/** Identifies a method in the page. */
export function keyOf({ service, method }: MethodName): string {
  return JSON.stringify([service, method]);
}

/** The method that a key identifies. */
export function nameOf(key: string): MethodName {
  const [service, method] = JSON.parse(key) as [string, string];
  return { service, method };
}
