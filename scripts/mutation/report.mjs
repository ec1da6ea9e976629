// Reports in the form of Stryker's: the mutants of each file, with their status.

/** How Stryker calls mutants that no test noticed. */
const MISSED = new Set(['Survived', 'NoCoverage']);

const keyOf = (file, { location: { start, end }, mutatorName, replacement }) =>
  [file, start.line, start.column, end.line, end.column, mutatorName, replacement].join(' ');

/** The mutants that no test noticed, with their files. */
export function missedIn({ files }) {
  return Object.entries(files).flatMap(([file, { mutants }]) =>
    mutants.filter(({ status }) => MISSED.has(status)).map((mutant) => ({ file, mutant })),
  );
}

/** Takes over from another report what it says about mutants that no test noticed in this one. */
export function update(report, other) {
  const known = new Map(
    Object.entries(other.files).flatMap(([file, { mutants }]) =>
      mutants.map((mutant) => [keyOf(file, mutant), mutant]),
    ),
  );
  for (const { file, mutant } of missedIn(report)) {
    const found = known.get(keyOf(file, mutant));
    if (found !== undefined)
      Object.assign(mutant, { status: found.status, statusReason: found.statusReason });
  }
}

/** The lines in which no test noticed a mutant, as ranges that Stryker mutates. */
export function rangesOf(missed) {
  const ranges = missed.map(({ file, mutant: { location } }) => {
    const [start, end] = [location.start, location.end].map(
      ({ line, column }) => `${line}:${column - 1}`,
    );
    return `${file}:${start}-${end}`;
  });
  return [...new Set(ranges)];
}

/** Describes the mutants that no test noticed, one a line, and counts all. */
export function* linesOf(report) {
  for (const { file, mutant } of missedIn(report)) {
    const { mutatorName, replacement, location } = mutant;
    const { start, end } = location;
    const lines = report.files[file].source.split('\n').slice(start.line - 1, end.line);
    lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
    const original = lines.join(' ').slice(start.column - 1);
    const [before, after] = [original, replacement].map((text) =>
      text.replaceAll(/\s+/g, ' ').slice(0, 80),
    );
    yield `${file}:${start.line}:${start.column} ${mutatorName}: ${before} → ${after}`;
  }
  const mutants = Object.values(report.files).flatMap((file) => file.mutants);
  const having = (status) => mutants.filter((mutant) => mutant.status === status);
  const waits = having('Killed').filter(({ statusReason }) =>
    /timed out in \d+ms/.test(statusReason),
  );
  const noticed = mutants.length - having('Ignored').length - missedIn(report).length;
  const all = noticed + missedIn(report).length;
  yield `${all} changes, ${noticed} noticed (${((100 * noticed) / all).toFixed(1)} %), ${all - noticed} missed.`;
  yield `${having('Timeout').length} of those noticed loop without end, and ${waits.length} keep a test waiting.`;
  yield `${having('Ignored').length} more are left out.`;
}
