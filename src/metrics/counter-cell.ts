/** One counter series. The wrapper of a method writes `value` directly. */
export class CounterCell {
  value = 0;

  reset(): void {
    this.value = 0;
  }
}
