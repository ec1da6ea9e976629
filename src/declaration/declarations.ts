import type { Method } from '../recording/wrap';
import { definePart } from '../runtime/runtime';
import type { ClassDeclaration } from './class';
import type { MethodDeclaration } from './method';
import type { DeclaredObjective } from './objective';

/** Everything that is declared in the process, by decorators or by functions like `instrumentHandler`. */
export class Declarations {
  /** The declaration behind each wrapper. */
  readonly wrappers = new WeakMap<Method, MethodDeclaration>();
  /** The classes of standard-dialect wrappers whose class is not known yet. */
  readonly pending = new WeakMap<Method, ClassDeclaration>();
  /** Methods of the standard dialect that `NotInstrumented` excluded before their class was known. */
  readonly excluded = new WeakSet<Method>();
  /** Objectives by the method under the decorator. */
  readonly objectives = new WeakMap<Method, DeclaredObjective>();
  /** Objectives for which no method with metrics is known yet, by their location. */
  readonly unmeasured = new Map<string, DeclaredObjective>();
  /** Every declaration that has series, by service, method and metrics. A class that is loaded again replaces itself. */
  readonly methods = new Map<string, MethodDeclaration>();
}

export const declarationsOf = definePart('declarations', () => new Declarations());
