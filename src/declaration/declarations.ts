import type { Method } from '../recording/wrap';
import { definePart } from '../runtime/runtime';
import type { ClassDeclaration } from './class';
import { noticeAtNextCall } from './cleared-registry';
import type { MethodDeclaration } from './method';
import type { DeclaredObjective } from './objective';

/** Everything that decorators and functions like `instrumentHandler` have declared in the process. */
class Declarations {
  /** The declaration behind each wrapper. */
  readonly wrappers = new WeakMap<Method, MethodDeclaration>();
  /** The function that each wrapper calls, which may be a wrapper too. */
  readonly inner = new WeakMap<Method, Method>();
  /** The class declaration of each wrapper of the standard dialect whose class is not known yet. */
  readonly pending = new WeakMap<Method, ClassDeclaration>();
  /** Methods of the standard dialect that `NotInstrumented` has excluded before their class was known. */
  readonly excluded = new WeakSet<Method>();
  /** The objective of each method that `Objective` decorates. */
  readonly objectives = new WeakMap<Method, DeclaredObjective>();
  /** Objectives that do not apply to any method with metrics so far, by location. */
  readonly unmeasured = new Map<string, DeclaredObjective>();
  /** Every declaration that has series, by service, method and metrics. A class that is loaded again replaces its entry. */
  readonly methods = new Map<string, MethodDeclaration>();
  /** Declarations whose entries were replaced. Their classes may still be called, and are free to leave memory. */
  private replaced: WeakRef<MethodDeclaration>[] = [];

  /** Lists a declaration under a key, in place of an earlier one. */
  list(key: string, declaration: MethodDeclaration): void {
    const before = this.methods.get(key);
    this.methods.set(key, declaration);
    if (before === undefined || before === declaration) return;
    this.replaced = this.replaced.filter((each) => each.deref() !== undefined);
    this.replaced.push(new WeakRef(before));
  }

  /** Every declaration that a call can still reach. */
  *reachable(): Generator<MethodDeclaration> {
    yield* this.methods.values();
    for (const each of this.replaced) {
      const declaration = each.deref();
      if (declaration !== undefined) yield declaration;
    }
  }

  /** The declarations of the wrappers around a function, outermost first. */
  around(method: Method): MethodDeclaration[] {
    const found: MethodDeclaration[] = [];
    for (let each: Method | undefined = method; each !== undefined; each = this.inner.get(each)) {
      const declaration = this.wrappers.get(each);
      if (declaration !== undefined) found.push(declaration);
    }
    return found;
  }

  /** Whether `NotInstrumented` has excluded a function, or one that it wraps. */
  isExcluded(method: Method): boolean {
    for (let each: Method | undefined = method; each !== undefined; each = this.inner.get(each)) {
      if (this.excluded.has(each)) return true;
    }
    return false;
  }
}

export const declarationsOf = definePart('declarations', (runtime) => {
  const declarations = new Declarations();
  runtime.registry.whenCleared.push(() => noticeAtNextCall(runtime, declarations.reachable()));
  return declarations;
});
