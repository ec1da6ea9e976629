/** A condition that has to hold at the end of the run, and what was found. */
export interface Check {
  readonly what: string;
  readonly found: string;
  readonly holds: boolean;
}

/** Checks that nothing went wrong: the list of problems is empty. */
export function none(what: string, wrong: readonly string[]): Check {
  const kinds = [...new Set(wrong)];
  const shown = kinds.slice(0, 3).join('; ');
  const found = wrong.length === 0 ? 'none' : `${wrong.length}: ${shown}`;
  return { what, found, holds: wrong.length === 0 };
}
