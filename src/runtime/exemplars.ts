import { exemplars } from '../metrics/exemplar';
import type { Labels } from '../metrics/labels';
import { ThriftMetricsError } from '../validation/errors';
import { checkConstantLabels } from '../validation/labels';
import { faults } from './faults';

/** Gives the labels of an exemplar for the call that is being recorded, or nothing. */
export type ExemplarFunction = () => Readonly<Record<string, string>> | null | undefined;

/** https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#exemplars */
const MAX_CHARACTERS = 128;

const SITE = 'exemplar';

/**
 * Sets where exemplars come from; null: there are none, and nobody is asked. A faulty one costs only itself: it is
 * reported, and the call recorded without.
 */
export function setExemplarFunction(exemplar: ExemplarFunction | null): void {
  if (exemplar === null) {
    exemplars.labels = null;
    return;
  }
  exemplars.labels = () => {
    try {
      const labels = exemplar() ?? null;
      if (labels === null) return null;
      refusePromise(labels);
      checkExemplar(labels);
      const names = Object.keys(labels);
      // A copy: what the program later does to its object must not reach a scrape.
      return names.length === 0 ? null : { ...labels };
    } catch (error) {
      faults.report(SITE, error);
      return null;
    }
  };
}

/** A promise has no names, and would pass for an exemplar without labels. */
function refusePromise(labels: object): void {
  if (typeof (labels as { then?: unknown }).then !== 'function') return;
  // The fault is reported below; its rejection must not end the program.
  Promise.resolve(labels).catch(() => {});
  throw new ThriftMetricsError(
    'TM_ERR_EXEMPLAR',
    `${SITE}: the function returned a promise; labels are expected, since the call is recorded at once: make it neither async nor wait for anything`,
  );
}

function checkExemplar(labels: Labels): void {
  checkConstantLabels(SITE, labels, []);
  const text = Object.entries(labels).flat().join('');
  // Counted in code points, as the standard does.
  const characters = Array.from(text).length;
  if (characters > MAX_CHARACTERS) {
    throw new ThriftMetricsError(
      'TM_ERR_EXEMPLAR',
      `${SITE}: names and values of its labels have ${characters} characters; ${MAX_CHARACTERS} are allowed`,
    );
  }
}
