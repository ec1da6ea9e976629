import 'reflect-metadata';

import type { MethodDeclaration } from './method';
import type { DeclaredObjective } from './objective';
import { standardMetadata } from './symbol-metadata';

/** The key under which declarations stand in reflect-metadata. */
const KEY = 'thrift-metrics:declarations';

/** Everything that decorators say of one class, or that was said of one instrumented handler object. */
export class ClassDeclaration {
  readonly methods: MethodDeclaration[] = [];
  /** By `ThriftService`. */
  thriftService: string | null = null;
  /** By `Instrumented`. */
  service: string | null = null;
  /** By `Objective` on the class. */
  objective: DeclaredObjective | null = null;
  private readonly objectives = {
    static: new Map<PropertyKey, DeclaredObjective>(),
    instance: new Map<PropertyKey, DeclaredObjective>(),
  };
  private readonly excluded = { static: new Set<PropertyKey>(), instance: new Set<PropertyKey>() };

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

  of(key: PropertyKey, isStatic: boolean): MethodDeclaration[] {
    return this.methods.filter((method) => method.key === key && method.isStatic === isStatic);
  }

  serviceName(className: string): string {
    return this.thriftService ?? this.service ?? serviceNameOf(className);
  }
}

/**
 * `CalculatorHandler` serves `Calculator`; a class called just `Handler` keeps its name. esbuild (so tsx and Vitest, too)
 * renames a class that refers to itself from `X` to `_X`: that underscore goes as well.
 */
export function serviceNameOf(className: string): string {
  return className.replace(/^_(?=[A-Z])/, '').replace(/(?<=.)Handler$/, '');
}

/** What is declared of a class, of a handler object, or of the metadata that a class under evaluation has. */
export function findDeclaration(owner: object): ClassDeclaration | undefined {
  const own = Reflect.getOwnMetadata(KEY, owner) as ClassDeclaration | undefined;
  if (own !== undefined) return own;
  const metadata = standardMetadata(owner);
  return metadata === undefined
    ? undefined
    : (Reflect.getOwnMetadata(KEY, metadata) as ClassDeclaration | undefined);
}

export function declarationOf(owner: object): ClassDeclaration {
  let declaration = findDeclaration(owner);
  if (declaration === undefined || Reflect.getOwnMetadata(KEY, owner) === undefined) {
    declaration ??= new ClassDeclaration();
    Reflect.defineMetadata(KEY, declaration, owner);
  }
  return declaration;
}

export function attachDeclaration(owner: object, declaration: ClassDeclaration): void {
  Reflect.defineMetadata(KEY, declaration, owner);
}
