/** Programs of the newest versions, and those between the system's and the newest. */
export type NewerPrograms = 'newest' | 'middle';

export function pathWith(name: NewerPrograms): string;

export function ensureNewerPrograms(name: NewerPrograms): void;
