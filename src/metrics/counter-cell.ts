import { currentExemplar, exemplars, newerExemplar, type Exemplar } from './exemplar';

/** One counter series. The wrapper of a method writes `value` directly. */
export class CounterCell {
  value = 0;
  exemplar: Exemplar | null = null;

  /** Counts one, with an exemplar where they are wanted. */
  countWithExemplar(): void {
    this.value++;
    if (exemplars.labels !== null) this.exemplar = currentExemplar(1) ?? this.exemplar;
  }

  /** Adds what another process has counted. */
  merge({ value, exemplar }: CounterCell): void {
    this.value += value;
    this.exemplar = newerExemplar(this.exemplar, exemplar);
  }

  reset(): void {
    this.value = 0;
    this.exemplar = null;
  }
}
