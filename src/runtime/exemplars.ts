import type { ExemplarSource } from '../metrics/exemplar';
import type { Labels } from '../metrics/labels';
import type { FaultSink } from '../recording/guards';
import { ignoreRejection, isThenable } from '../recording/promise';
import { ThriftMetricsError } from '../validation/errors';
import { checkConstantLabels } from '../validation/metric-checks';

/** Returns the labels of an exemplar for the call that is being recorded, or nothing. */
export type ExemplarFunction = () => Readonly<Record<string, string>> | null | undefined;

/**
 * Limit for the names and values of one exemplar.
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#exemplars
 */
const MAX_CHARACTERS = 128;

const SITE = 'exemplar';

/**
 * Sets the function that returns the labels of exemplars; null disables them. If the function fails, the fault is reported
 * and the call is recorded without an exemplar.
 */
export function setExemplarFunction(
  source: ExemplarSource,
  exemplar: ExemplarFunction | null,
  faults: FaultSink,
): void {
  if (exemplar === null) {
    source.labels = null;
    return;
  }
  source.labels = () => {
    try {
      const labels = exemplar() ?? null;
      if (labels === null) return null;
      refusePromise(labels);
      checkExemplar(labels);
      const names = Object.keys(labels);
      // A copy, so that later changes to the program's object do not reach a scrape.
      return names.length === 0 ? null : { ...labels };
    } catch (error) {
      faults.report(SITE, error);
      return null;
    }
  };
}

/** Rejects a promise, which would otherwise pass as an exemplar without labels. */
function refusePromise(labels: object): void {
  if (!isThenable(labels)) return;
  ignoreRejection(labels);
  throw new ThriftMetricsError(
    'TM_ERR_EXEMPLAR',
    `${SITE}: the function returned a promise. Return the labels themselves: a call is recorded at once, so the function cannot wait.`,
  );
}

function checkExemplar(labels: Labels): void {
  checkConstantLabels(SITE, labels, []);
  if (lengthOf(labels) <= MAX_CHARACTERS) return;
  // The standard counts code points, of which there are at most as many.
  const characters = Array.from(Object.entries(labels).flat().join('')).length;
  if (characters > MAX_CHARACTERS) {
    throw new ThriftMetricsError(
      'TM_ERR_EXEMPLAR',
      `${SITE}: the names and values of the labels have ${characters} characters. OpenMetrics allows ${MAX_CHARACTERS}; return fewer or shorter labels.`,
    );
  }
}

/** Counts the code units of all names and values. Joining them would take a microsecond for each value that is recorded. */
function lengthOf(labels: Labels): number {
  let length = 0;
  for (const name of Object.keys(labels)) length += name.length + (labels[name] as string).length;
  return length;
}
