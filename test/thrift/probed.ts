/** The `ping` that `converse` needs. It takes a callback, so that it works with and without `thrift.Q`. */
export class Probed {
  ping(answer: (error: null) => void): void {
    answer(null);
  }
}
