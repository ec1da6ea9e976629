/**
 * Runs rounds of requests one at a time. A caller that comes during a round gets the result of the next one, which all that
 * have come meanwhile share: a round that has begun may miss what has happened since.
 */
export class Rounds<T> {
  private current: Promise<T> | null = null;
  private next: Promise<T> | null = null;

  join(run: () => Promise<T>): Promise<T> {
    if (this.current === null) return this.begin(run);
    this.next ??= this.current
      // That round fails for those who began it.
      .catch(() => {})
      .then(() => {
        this.next = null;
        // A caller that came as the round ended may have begun another.
        return this.current ?? this.begin(run);
      });
    return this.next;
  }

  private begin(run: () => Promise<T>): Promise<T> {
    this.current = run().finally(() => {
      this.current = null;
    });
    return this.current;
  }
}
