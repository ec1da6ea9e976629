/** One gauge series. */
export class GaugeCell {
  value = 0;
  /** Changes with each reset, so that a call that began before one does not subtract itself after it. */
  epoch = 0;

  reset(): void {
    this.value = 0;
    this.epoch++;
  }
}
