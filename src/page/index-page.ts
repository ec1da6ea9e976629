import { createAsset, type Asset } from './assets';

/** The document of the live page. The rest is made by its program; without scripts it still leads to the metrics. */
export function indexPage(metricsPath: string): Asset {
  // Relative, for a proxy that serves this below a path of its own.
  const metrics = escapeHtml(metricsPath.slice(1));
  return createAsset(
    'text/html; charset=utf-8',
    Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>thrift-metrics</title>
<link rel="icon" href="./-/icon.svg">
<link rel="stylesheet" href="./-/uplot.css">
<link rel="stylesheet" href="./-/page.css">
<script type="module" src="./-/main.js"></script>
</head>
<body data-metrics="./${metrics}">
<noscript><p>The live page needs scripts. The metrics are at <a href="./${metrics}">/${metrics}</a>.</p></noscript>
</body>
</html>
`),
  );
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
