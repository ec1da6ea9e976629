/**
 * The address of the Grafana dashboard for one method. A template with placeholders says where the names go; other addresses
 * get the variables of the generated dashboard. The browser adds the time window.
 */
export function dashboardLink(
  template: string,
  { service, method }: { readonly service: string; readonly method: string },
): string {
  const names = { '{service}': service, '{method}': method };
  let address = template;
  for (const [placeholder, name] of Object.entries(names)) {
    address = address.replaceAll(placeholder, () => encodeURIComponent(name.toWellFormed()));
  }
  const url = new URL(address);
  if (!template.includes('{service}')) url.searchParams.set('var-service', service);
  if (!template.includes('{method}')) url.searchParams.set('var-method', method);
  return url.href;
}
