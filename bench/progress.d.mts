export class Progress {
  constructor(weights: readonly number[]);
  step<Result>(
    name: string,
    weight: number,
    run: () => Result | Promise<Result>,
  ): Promise<{ result: Result; seconds: number }>;
  readonly seconds: number;
}
export function formatTime(seconds: number): string;
