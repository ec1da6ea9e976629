import { CATALOGUE } from '../../metrics/catalogue';
import type { Settings } from '../../runtime/settings';
import type { HistogramStorage } from '../histogram-expressions';
import type { Histogram } from './expressions';

type MetricKey = keyof typeof CATALOGUE;

/** The metrics of the catalogue, under the names that they have in this process. */
export class BuiltInMetrics {
  readonly #prefix: string;
  readonly #native: boolean;

  constructor({ prefix }: Settings, storage: HistogramStorage) {
    this.#prefix = prefix;
    this.#native = storage === 'any';
  }

  nameOf(key: MetricKey): string {
    return this.#prefix + CATALOGUE[key].name;
  }

  histogram(key: MetricKey): Histogram {
    return { name: this.nameOf(key), native: this.#native };
  }
}
