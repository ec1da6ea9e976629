/** What a person sees who opens the metrics server in a browser: where the metrics are. */
export function indexPage(path: string): string {
  const escaped = path.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>thrift-metrics</title>' +
    `<h1>thrift-metrics</h1><p><a href="${escaped}">${escaped}</a></p></html>\n`
  );
}
