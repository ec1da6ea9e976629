/** Prints which step of a run begins, how long the run has taken, and an estimate of the time that is left. */
export class Progress {
  #begin = performance.now();
  #done = 0;
  #total;
  #count;
  #steps = 0;

  /** `weights` are the expected durations of the steps, in seconds. The estimate scales them by how long earlier steps took. */
  constructor(weights) {
    this.#count = weights.length;
    this.#total = weights.reduce((sum, weight) => sum + weight, 0);
  }

  /** Runs a step, and returns its result with the seconds that it took. */
  async step(name, weight, run) {
    this.#steps++;
    const factor = this.#done === 0 ? 1 : this.seconds / this.#done;
    const left = (this.#total - this.#done) * factor;
    console.error(
      `[${this.#steps}/${this.#count}] ${name}: ${formatTime(this.seconds)} elapsed, about ${formatTime(left)} left`,
    );
    const begin = performance.now();
    const result = await run();
    this.#done += weight;
    return { result, seconds: (performance.now() - begin) / 1000 };
  }

  get seconds() {
    return (performance.now() - this.#begin) / 1000;
  }
}

/** Formats seconds as `45 s` or `3 min 20 s`. */
export function formatTime(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
