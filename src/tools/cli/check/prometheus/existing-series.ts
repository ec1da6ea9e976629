import type { PrometheusApi } from './prometheus-api';

/** Answers whether series exist now. Each selector is asked for once. */
export class ExistingSeries {
  private readonly answers = new Map<string, Promise<boolean>>();

  constructor(
    readonly api: PrometheusApi,
    /** Names of the metrics that had series within the last hours. */
    readonly names: readonly string[],
  ) {}

  has(selector: string): Promise<boolean> {
    const known = this.answers.get(selector);
    if (known !== undefined) return known;
    const answer = this.api.ask(`count(${selector})`).then(({ length }) => length > 0);
    this.answers.set(selector, answer);
    return answer;
  }
}
