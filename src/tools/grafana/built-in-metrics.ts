import { CATALOGUE } from '../../metrics/catalogue';
import type { Settings } from '../../runtime/settings';
import type { HistogramStorage } from '../histogram-expressions';
import type { Histogram } from './expressions';

type MetricKey = keyof typeof CATALOGUE;

/** The metrics of the catalogue, under the names that they have in this process. */
export class BuiltInMetrics {
  readonly #prefix: string;

  constructor(
    { prefix }: Settings,
    private readonly storage: HistogramStorage,
  ) {
    this.#prefix = prefix;
  }

  nameOf(key: MetricKey): string {
    return this.#prefix + CATALOGUE[key].name;
  }

  histogram(key: MetricKey): Histogram {
    return { name: this.nameOf(key), storage: this.storage };
  }
}
