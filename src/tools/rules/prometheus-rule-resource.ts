import {
  checkOptionTable,
  isNonEmptyString,
  mustBe,
  type OptionTable,
} from '../../validation/checks';
import { ThriftMetricsError } from '../../validation/errors';
import type { PrometheusRules } from './prometheus-rules';

/** The metadata of a {@link PrometheusRuleResource}. */
export interface PrometheusRuleMetadata {
  /**
   * Name of the resource.
   *
   * @default 'thrift-metrics'
   */
  name?: string | undefined;
  /**
   * Labels by which a Prometheus selects the resource, such as `{ release: 'prometheus' }`.
   *
   * @default no labels
   */
  labels?: Readonly<Record<string, string>> | undefined;
}

/** A `PrometheusRule`, the Kubernetes resource from which the Prometheus operator makes a rule file. */
export interface PrometheusRuleResource {
  apiVersion: 'monitoring.coreos.com/v1';
  kind: 'PrometheusRule';
  metadata: { name: string; labels?: Record<string, string> };
  spec: PrometheusRules;
}

const WHERE = 'createPrometheusRuleResource';

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
const LABEL_NAME = /^(?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?$/;

const isName = (value: unknown): boolean =>
  isNonEmptyString(value) && String(value).length <= 253 && NAME.test(String(value));

const OPTIONS: OptionTable<PrometheusRuleMetadata> = {
  name: mustBe(isName, "the name of a Kubernetes resource, such as 'thrift-rules'"),
  labels: (where, name, value) => {
    const isValid = (entry: [string, unknown]): boolean =>
      LABEL_NAME.test(entry[0]) && typeof entry[1] === 'string' && LABEL_VALUE.test(entry[1]);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const wrong = Object.entries(value).find((entry) => !isValid(entry));
      if (wrong === undefined) return;
      throw new ThriftMetricsError(
        'TM_ERR_OPTION_INVALID',
        `${where}: option '${name}' has the label '${wrong[0]}: ${String(wrong[1])}'. Kubernetes allows up to 63 letters, digits, '-', '_' and '.' in names and values.`,
      );
    }
    mustBe(() => false, "an object, such as { release: 'prometheus' }")(where, name, value);
  },
};

/**
 * Wraps rules into a `PrometheusRule` for the Prometheus operator.
 *
 * @throws `ThriftMetricsError` `TM_ERR_OPTION_UNKNOWN` or `TM_ERR_OPTION_INVALID` if the metadata is wrong.
 *
 * @example
 * ```ts
 * const rules = createPrometheusRules();
 * const resource = createPrometheusRuleResource(rules, { labels: { release: 'prometheus' } });
 * ```
 */
export function createPrometheusRuleResource(
  rules: PrometheusRules,
  metadata: PrometheusRuleMetadata = {},
): PrometheusRuleResource {
  checkOptionTable(WHERE, metadata, OPTIONS);
  const { name = 'thrift-metrics', labels } = metadata;
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name, ...(labels !== undefined && { labels: { ...labels } }) },
    spec: rules,
  };
}
