import 'reflect-metadata';

import { UNKNOWN } from '../recording/guards';
import type { MethodDeclaration } from './method';
import type { DeclaredObjective } from './objective';
import { standardMetadata } from './symbol-metadata';

/** The key of declarations in reflect-metadata. */
const KEY = 'thrift-metrics:declarations';

/** Everything that is declared for one class by its decorators, or for one handler object by `instrumentHandler`. */
export class ClassDeclaration {
  readonly methods: MethodDeclaration[] = [];
  /** The name from `ThriftService`. */
  thriftService: string | null = null;
  /** The option `service` of `Instrumented` or `instrumentHandler`. */
  service: string | null = null;
  /** The objective from `Objective` on the class. */
  objective: DeclaredObjective | null = null;
  private readonly objectives = {
    static: new Map<PropertyKey, DeclaredObjective>(),
    instance: new Map<PropertyKey, DeclaredObjective>(),
  };
  private readonly excluded = { static: new Set<PropertyKey>(), instance: new Set<PropertyKey>() };

  /** Leaves a method out of `Instrumented` on the class. */
  exclude(key: PropertyKey, isStatic: boolean): void {
    this.excluded[isStatic ? 'static' : 'instance'].add(key);
  }

  isExcluded(key: PropertyKey, isStatic: boolean): boolean {
    return this.excluded[isStatic ? 'static' : 'instance'].has(key);
  }

  setObjectiveOf(key: PropertyKey, isStatic: boolean, objective: DeclaredObjective): void {
    this.objectives[isStatic ? 'static' : 'instance'].set(key, objective);
  }

  objectiveOf(key: PropertyKey, isStatic: boolean): DeclaredObjective | null {
    return this.objectives[isStatic ? 'static' : 'instance'].get(key) ?? null;
  }

  /** The declarations of one method: one for each wrapper. */
  of(key: PropertyKey, isStatic: boolean): MethodDeclaration[] {
    return this.methods.filter((method) => method.key === key && method.isStatic === isStatic);
  }

  /** Falls back to the name of the class, and for a class without a name to `_unknown`. Never empty. */
  serviceName(className: string): string {
    return this.thriftService ?? this.service ?? serviceNameOf(className);
  }
}

/**
 * Derives the service name from a class name: `Calculator` from `CalculatorHandler`. A class named `Handler` keeps its name.
 * Also removes the underscore that esbuild (and with it tsx and Vitest) adds to the name of a class that refers to itself.
 * A class can be without a name, or can define a static `name` that is not text: its service is `_unknown`.
 */
export function serviceNameOf(className: unknown): string {
  if (typeof className !== 'string' || className === '') return UNKNOWN;
  return className.replace(/^_(?=[A-Z])/, '').replace(/(?<=.)Handler$/, '');
}

/** Finds the declaration of a class, of a handler object, or of the metadata of a class that is being evaluated. */
export function findDeclaration(target: object): ClassDeclaration | undefined {
  const own = Reflect.getOwnMetadata(KEY, target) as ClassDeclaration | undefined;
  if (own !== undefined) return own;
  const metadata = standardMetadata(target);
  return metadata === undefined
    ? undefined
    : (Reflect.getOwnMetadata(KEY, metadata) as ClassDeclaration | undefined);
}

/** Finds the declaration of a target like {@link findDeclaration}, or creates it. */
export function declarationOf(target: object): ClassDeclaration {
  let declaration = findDeclaration(target);
  if (declaration === undefined || Reflect.getOwnMetadata(KEY, target) === undefined) {
    declaration ??= new ClassDeclaration();
    Reflect.defineMetadata(KEY, declaration, target);
  }
  return declaration;
}

/** Sets the declaration of a target. */
export function attachDeclaration(target: object, declaration: ClassDeclaration): void {
  Reflect.defineMetadata(KEY, declaration, target);
}
