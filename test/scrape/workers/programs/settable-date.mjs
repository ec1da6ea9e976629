// Imported before thrift-metrics, which keeps the `Date.now` that it finds.
const { now } = Date;
let fixed = null;
Date.now = () => fixed ?? now();

/** Runs a function at a time in milliseconds. */
export function runAt(time, run) {
  fixed = time;
  run();
  fixed = null;
}
