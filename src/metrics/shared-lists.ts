/** Keeps one array for equal lists of numbers: the bounds of histograms, or the quantiles of summaries. */
export class SharedLists {
  /** Few, because they come from declarations and settings. */
  private readonly lists: (readonly number[])[] = [];

  of(list: readonly number[]): readonly number[] {
    const known = this.lists.find((each) => isSameList(each, list));
    if (known !== undefined) return known;
    // A copy, because a program could change an array after it has declared a metric with it.
    const own = list.slice();
    this.lists.push(own);
    return own;
  }
}

export function isSameList(one: readonly number[], other: readonly number[]): boolean {
  return (
    one === other || (one.length === other.length && one.every((each, i) => each === other[i]))
  );
}
