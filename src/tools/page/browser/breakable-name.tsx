import type { JSX } from 'preact';

import { partsOf } from './name-parts.js';

/** A name that breaks before a capital letter that follows a small one, and after dots, dashes and underscores. */
export function BreakableName({ name }: { readonly name: string }): JSX.Element {
  return <>{partsOf(name).flatMap((part, i) => (i === 0 ? [part] : [<wbr key={i} />, part]))}</>;
}
