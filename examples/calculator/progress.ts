const REPEAT_MS = process.stdout.isTTY ? 250 : 5000;

/** Shows one line that is updated in place. If the output is not a terminal, prints a line at intervals. */
export class Progress {
  readonly #timer: NodeJS.Timeout;
  #shown = false;

  constructor(line: () => string) {
    this.#timer = setInterval(() => this.#show(line()), REPEAT_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.#shown) process.stdout.write('\n');
  }

  #show(line: string): void {
    if (!process.stdout.isTTY) return console.log(line);
    // A line that wraps cannot be updated in place.
    process.stdout.write(`\r\x1b[2K${line.slice(0, process.stdout.columns - 1)}`);
    this.#shown = true;
  }
}
