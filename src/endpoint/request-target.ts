import type { IncomingMessage } from 'node:http';

/** What a request asks for. */
export interface RequestTarget {
  readonly pathname: string;
  readonly query: URLSearchParams;
}

/** Parses the target of a request. Proxies may send it in absolute form: `GET http://host/metrics`. */
export function targetOf({ url = '' }: IncomingMessage): RequestTarget {
  const target = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '');
  const begin = target.indexOf('?');
  const pathname = begin === -1 ? target : target.slice(0, begin);
  return {
    pathname: pathname === '' ? '/' : pathname,
    query: new URLSearchParams(begin === -1 ? '' : target.slice(begin + 1)),
  };
}
