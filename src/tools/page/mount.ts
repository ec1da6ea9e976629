/**
 * Where the live page is, and where it finds what it needs. The addresses are relative to the page, because a proxy or an
 * application may serve it below any path.
 */
export interface PageMount {
  /** The folder of its files and figures. */
  readonly files: string;
  readonly metrics: string;
  /** The name of a file or of figures at a path, `''` for the document, or null if the path does not belong to the page. */
  nameAt(pathname: string): string | null;
}

/** Path prefix of everything that the page loads. */
export const PAGE_PREFIX = '/-/';

/** The page at `/` of a server whose metrics are at a path of their own. */
export function pageAtRoot(metricsPath: string): PageMount {
  return {
    files: `.${PAGE_PREFIX}`,
    metrics: `.${metricsPath}`,
    nameAt: (pathname) => {
      if (pathname === '/') return '';
      const isBelow = pathname.startsWith(PAGE_PREFIX) && pathname !== PAGE_PREFIX;
      return isBelow ? pathname.slice(PAGE_PREFIX.length) : null;
    },
  };
}

/** The page at `/-/` below the metrics, wherever an application has mounted them. */
export function pageBelowMetrics(): PageMount {
  return {
    files: './',
    metrics: '../',
    nameAt: (pathname) => /\/-\/([^/]*)$/.exec(pathname)?.[1] ?? null,
  };
}
