import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

import { LABEL } from '../metrics/catalogue';
import type { LabelNames } from '../metrics/label-names';
import type { Labels } from '../metrics/labels';
import { PACKAGE_FOLDER } from '../package-folder';
import { moduleCache } from './module-cache';

/** Defined by the build, because a program that is bundled into one file does not have the package's own `package.json`. */
declare const PACKAGE_VERSION: string | undefined;

/** Returns the version of this package. */
export function packageVersion(): string {
  return typeof PACKAGE_VERSION === 'undefined'
    ? versionIn(join(PACKAGE_FOLDER ?? '', '..'))
    : PACKAGE_VERSION;
}

const THRIFT = ['', 'node_modules', 'thrift', ''].join(sep);

/**
 * Returns the version of the copy of `thrift` that the program loaded first, or `''` if it has not loaded any. Does not load
 * it, because only programs that use Thrift need it.
 */
function loadedThriftVersion(): string {
  for (const file of Object.keys(moduleCache())) {
    const at = file.lastIndexOf(THRIFT);
    if (at !== -1) return versionIn(file.slice(0, at + THRIFT.length));
  }
  return '';
}

/** The labels of `thrift_metrics_info`. */
export class VersionLabels {
  private readonly package = packageVersion();
  private thrift = '';

  /** The names under which readers see the built-in labels tell tools how to read the metrics. */
  constructor(private readonly settings: { readonly labelNames: LabelNames }) {}

  /** Looks for `thrift` until the program has loaded it. */
  read(): Labels {
    const { isDefault, text } = this.settings.labelNames;
    this.thrift ||= loadedThriftVersion();
    return {
      [LABEL.version]: this.package,
      [LABEL.nodeVersion]: process.versions.node,
      [LABEL.thriftVersion]: this.thrift,
      ...(!isDefault && { [LABEL.labelNames]: text }),
    };
  }
}

function versionIn(folder: string): string {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version?: unknown;
    };
    return typeof version === 'string' ? version : '';
  } catch {
    return '';
  }
}
