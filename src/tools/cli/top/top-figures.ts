import type { DeclaredMethod } from '../../../declaration/describe';
import type { Instance } from './instance';
import {
  lostRow,
  type MethodRow,
  methodRowsOf,
  seriesByMethod,
  type Totals,
  totalsOf,
} from './method-rows';
import { methodKeyOf, type SeriesChange } from './method-series';
import { ObjectiveBudgets } from './objective-budgets';

/** What all instances have served at their last scrapes, summed. */
export class TopFigures {
  rows: readonly MethodRow[] = [];
  private methods: ReadonlyMap<string, readonly SeriesChange[]> = new Map();
  private readonly budgets = new ObjectiveBudgets();

  constructor(private readonly instances: readonly Instance[]) {}

  /**
   * Takes over what the instances have read.
   *
   * @param at time of the scrapes, in seconds
   */
  refresh(at: number): void {
    const { instances } = this;
    this.methods = seriesByMethod(instances.flatMap(({ changes }) => changes));
    const objectives = this.budgets.add(declaredBy(instances), this.methods, at);
    const lost = instances.flatMap((instance) => instance.lostMethods());
    const gone = new Map(lost.map((each) => [methodKeyOf(each), each]));
    this.rows = [
      ...methodRowsOf(this.methods, objectives),
      ...[...gone].flatMap(([key, each]) => (this.methods.has(key) ? [] : [lostRow(each)])),
    ];
  }

  /** What some methods did together. */
  totalsOf(rows: readonly MethodRow[]): Totals {
    return totalsOf(rows, this.methods);
  }
}

/** The methods that instances declare. Instances of one program declare the same, so the first one decides. */
function declaredBy(instances: readonly Instance[]): DeclaredMethod[] {
  const found = new Map<string, DeclaredMethod>();
  for (const { declared } of instances) {
    for (const method of declared) {
      const key = methodKeyOf({ ...method, isClient: false });
      if (!found.has(key)) found.set(key, method);
    }
  }
  return [...found.values()];
}
