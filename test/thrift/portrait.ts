import type { Types } from './generated';

/** A thrown value as plain data, without a stack. */
export type Portrait = Readonly<Record<string, unknown>>;

export function portrait(thrown: unknown, types: Types): Portrait {
  if (!(thrown instanceof Error)) return { thrown };
  return {
    ...Object.fromEntries(Object.entries(thrown)),
    class: classOf(thrown, types),
    name: thrown.name,
    message: thrown.message,
  };
}

/** Generated ES6 classes have no name. */
function classOf({ constructor }: Error, types: Types): string {
  const generated = Object.entries(types).find(([, type]) => type === constructor);
  return generated?.[0] ?? constructor.name;
}
