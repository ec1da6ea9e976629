import { LABEL } from '../../catalogue';
import type { Sample } from './parse-sample';

/** The method that a sample is of, as `Service.method`. */
export function methodOf({ labels }: Pick<Sample, 'labels'>): string {
  return `${labels.get(LABEL.service) ?? ''}.${labels.get(LABEL.method) ?? ''}`;
}
