import type { Problem, Source } from './problem';
import type { Setting } from './settings-table';

/** A value that a source outside the program sets. */
export interface FoundSetting {
  readonly value: unknown;
  readonly source: Source;
  /** The variable, or the file with the line. */
  readonly where: string;
}

/** What one source sets, and what is wrong in it. */
export interface FoundSettings {
  readonly settings: Map<Setting, FoundSetting>;
  readonly problems: Problem[];
}

export const nothingFound = (): FoundSettings => ({ settings: new Map(), problems: [] });
