import { parse } from 'yaml';

import { blocksOf, markdownFiles, type Block } from './markdown';

/** Pages that a tool generates. */
const GENERATED = /^api\//;

export const pages = markdownFiles().filter((page) => !GENERATED.test(page));

/** The blocks of all pages in one language. */
export function blocksIn(language: string): Block[] {
  return pages.flatMap(blocksOf).filter((block) => block.language === language);
}

/** What a YAML block configures, recognized by its top-level keys. */
const KINDS = {
  kubernetes: 'kind',
  grafana: 'apiVersion',
  alertmanager: 'route',
  rules: 'groups',
  compose: 'services',
  tempo: 'distributor',
  'a Prometheus job': /relabel_configs$/,
  settings: /^(?:enabled|defaultLabels|labelNames|rules|server)$/,
  prometheus: /^(?:global|scrape_configs|rule_files|alerting)$/,
} as const;

export type ConfigurationKind = keyof typeof KINDS;

export interface Configuration extends Block {
  readonly kind: ConfigurationKind | undefined;
  readonly content: Readonly<Record<string, unknown>>;
}

/** The YAML blocks of all pages, or only those of the given kinds. */
export function configurations(...kinds: ConfigurationKind[]): Configuration[] {
  return blocksIn('yaml')
    .map((block) => {
      const content = parse(block.code) as Record<string, unknown>;
      return Object.assign(block, { content, kind: kindOf(content) });
    })
    .filter(({ kind }) => kinds.length === 0 || (kind !== undefined && kinds.includes(kind)));
}

function kindOf(content: Readonly<Record<string, unknown>>): ConfigurationKind | undefined {
  const found = Object.entries(KINDS).find(([, mark]) =>
    Object.keys(content).some((key) => (typeof mark === 'string' ? key === mark : mark.test(key))),
  );
  return found?.[0] as ConfigurationKind | undefined;
}

export const whereIs = ({ page, line }: Block): string => `${page}:${line}`;
