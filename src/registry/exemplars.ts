import { exemplars } from '../metrics/exemplar';
import type { Labels } from '../metrics/label-text';
import { ThriftMetricsError } from '../errors';
import { checkConstantLabels } from '../validation/labels';
import { faults } from './faults';

/** Gives the labels of an exemplar for the call that is being recorded, or nothing. */
export type ExemplarFunction = () => Readonly<Record<string, string>> | null | undefined;

/** https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#exemplars */
const MAX_CHARACTERS = 128;

const SITE = 'exemplar';

/** Sets where exemplars come from. A faulty one costs only itself: it is reported, and the call recorded without. */
export function setExemplarFunction(exemplar: ExemplarFunction): void {
  exemplars.labels = () => {
    try {
      const labels = exemplar() ?? null;
      if (labels === null) return null;
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
