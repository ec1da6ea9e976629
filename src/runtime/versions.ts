import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { LABEL } from '../metrics/catalogue';
import type { LabelNames } from '../metrics/label-names';
import type { Labels } from '../metrics/labels';
import { PACKAGE_FOLDER } from '../package-folder';
import { moduleCache } from './module-cache';
import { packageFolder } from './package-paths';

/** Defined by the build, because a program that is bundled into one file does not have the package's own `package.json`. */
declare const PACKAGE_VERSION: string | undefined;

/** Returns the version of this package. */
export function packageVersion(): string {
  return typeof PACKAGE_VERSION === 'undefined'
    ? versionIn(join(PACKAGE_FOLDER ?? '', '..'))
    : PACKAGE_VERSION;
}

/** A copy of a package that the process has loaded. */
export interface LoadedPackage {
  /** `''` if its `package.json` cannot be read. */
  readonly version: string;
  readonly folder: string;
}

/**
 * Returns the copies of `thrift` that the program has loaded, in the order in which it loaded them. Does not load any, because
 * only programs that use Thrift need it.
 */
export function loadedThrifts(): LoadedPackage[] {
  const folders = new Set<string>();
  for (const file of Object.keys(moduleCache())) {
    const folder = packageFolder(file, 'thrift');
    if (folder !== null) folders.add(folder);
  }
  return [...folders].map((folder) => ({ version: versionIn(folder), folder }));
}

/** The labels of `thrift_metrics_info`. */
export class VersionLabels {
  private readonly package = packageVersion();
  private thrift = '';

  /** @param settings have the names under which readers see the built-in labels, which tools need to read the metrics */
  constructor(private readonly settings: { readonly labelNames: LabelNames }) {}

  /** Looks for `thrift` until the program has loaded it. */
  read(): Labels {
    const { isDefault, text } = this.settings.labelNames;
    this.thrift ||= loadedThrifts()[0]?.version ?? '';
    return {
      [LABEL.version]: this.package,
      [LABEL.nodeVersion]: process.versions.node,
      [LABEL.thriftVersion]: this.thrift,
      ...(!isDefault && { [LABEL.labelNames]: text }),
    };
  }
}

/** Reads the version in the `package.json` of a folder, or returns `''`. */
export function versionIn(folder: string): string {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version?: unknown;
    };
    return typeof version === 'string' ? version : '';
  } catch {
    return '';
  }
}
