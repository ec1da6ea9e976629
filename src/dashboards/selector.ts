import { LABEL } from '../catalogue';

/** A string as PromQL writes it; it knows the escapes of JSON. */
export function quote(value: string): string {
  return JSON.stringify(value.toWellFormed());
}

/** The series of one metric whose labels have these values; without a method, those of the whole service. */
export function selector(
  metric: string,
  { service, method }: { readonly service: string; readonly method?: string },
  ...matchers: readonly string[]
): string {
  const labels = [`${LABEL.service}=${quote(service)}`];
  if (method !== undefined) labels.push(`${LABEL.method}=${quote(method)}`);
  return `${metric}{${[...labels, ...matchers].join(',')}}`;
}
