import { types } from 'node:util';

import type { DeclaredExceptions } from '../recording/error-recorder';
import type { Method } from '../recording/wrap';
import type { Runtime } from '../runtime/runtime';
import { bind } from './bind';
import { ClassDeclaration } from './class';
import { dependsOnCall, labelsOf } from './declare';
import { findProperty, isExcluded, recordedKinds } from './handler-methods';
import { MethodDeclaration } from './method';
import type { MetricSpec } from './metric-spec';
import { applyObjective } from './objective-check';

/** What a facade measures. */
export interface FacadeOptions {
  readonly specs: readonly MetricSpec[];
  readonly service: string;
  readonly declaringClass: { readonly name: string };
  /** The names of the methods to measure. Null if every method is measured. */
  readonly methods: ReadonlySet<string> | null;
}

/** The declarations for one method name, and what they share. */
class NamedMethod {
  /** One for each set of metrics that a function of the handler lacked: usually one. */
  readonly declarations = new Map<string, MethodDeclaration>();
  throws: DeclaredExceptions | null = null;
}

/**
 * The declarations of a facade: one plan for each method name, whatever functions the handler has under the name in the
 * course of time. The series of a method are created by `register`, or else at its first call.
 */
export class FacadeDeclarations {
  /** Lists the registered methods for `getDeclaredMetrics`. */
  readonly registered = new ClassDeclaration();
  private readonly methods = new Map<string, NamedMethod>();

  constructor(
    private readonly runtime: Runtime,
    private readonly handler: object,
    private readonly options: FacadeOptions,
  ) {
    this.registered.service = options.service;
  }

  /** The declaration of the metrics that a function does not record yet, or null if there are none. */
  of(key: string, value: Method): MethodDeclaration | null {
    if (this.isLeftOut(key) || isExcluded(this.runtime, this.handler, key, value)) return null;
    const recorded = recordedKinds(this.runtime, this.handler, key, value);
    const missing = this.options.specs.filter(({ kind }) => !recorded.has(kind));
    return missing.length === 0 ? null : this.declare(key, value, missing);
  }

  /**
   * The declarations of a method of the service. Creates its series if the handler may have the method behind an accessor
   * or a proxy.
   */
  served(key: string): MethodDeclaration[] {
    const declared = [...this.methodOf(key).declarations.values()];
    if (declared.length > 0 || this.isLeftOut(key)) return declared;
    const property = findProperty(this.handler, key)?.property;
    const isHidden = property === undefined ? types.isProxy(this.handler) : 'get' in property;
    const { specs } = this.options;
    if (!isHidden || specs.length === 0 || isExcluded(this.runtime, this.handler, key, null)) {
      return declared;
    }
    const declaration = this.declare(key, null, specs);
    this.register(declaration);
    return [declaration];
  }

  /** Sets the exceptions that the service declares for a method, also for functions that the handler gets later. */
  declareThrows(key: string, throws: DeclaredExceptions): void {
    const method = this.methodOf(key);
    // A handler that serves two services keeps the exceptions of the first.
    method.throws ??= throws;
    for (const declaration of this.served(key)) this.applyThrows(method, declaration);
  }

  register(declaration: MethodDeclaration): void {
    if (declaration.plan.ready) return;
    const { families } = this.runtime;
    for (const spec of declaration.specs) {
      this.runtime.userLabels.add(labelsOf(spec), declaration.location);
    }
    for (const { name, type, help } of declaration.specs) {
      families.ensure(name, type, help, declaration);
    }
    this.registered.methods.push(declaration);
    applyObjective(this.runtime, this.registered, declaration);
    bind(this.runtime, declaration, this.options.service);
    // The declaration may outlive the handler, in the list of all declarations.
    declaration.plan.prepare = () => true;
    declaration.original = null;
  }

  /** @returns whether the plan can record the call. Never throws. */
  private registerAtCall(declaration: MethodDeclaration): boolean {
    try {
      this.register(declaration);
      return true;
    } catch (error) {
      this.runtime.faults.report(`declaration:${declaration.location}`, error);
      declaration.plan.prepare = () => false;
      return false;
    }
  }

  private declare(
    key: string,
    value: Method | null,
    specs: readonly MetricSpec[],
  ): MethodDeclaration {
    const method = this.methodOf(key);
    const kinds = specs.map(({ kind }) => kind).join(' ');
    const existing = method.declarations.get(kinds);
    if (existing !== undefined) return existing;
    const isStatic = typeof this.handler === 'function';
    const declaration = new MethodDeclaration(this.runtime, key, isStatic, value);
    declaration.declaringClass = this.options.declaringClass;
    declaration.specs.push(...specs);
    declaration.needsCall = specs.some(dependsOnCall);
    declaration.plan.prepare = () => this.registerAtCall(declaration);
    this.applyThrows(method, declaration);
    method.declarations.set(kinds, declaration);
    return declaration;
  }

  private applyThrows({ throws }: NamedMethod, declaration: MethodDeclaration): void {
    if (throws === null || declaration.throws !== null) return;
    declaration.throws = throws;
    if (declaration.plan.ready) bind(this.runtime, declaration, declaration.plan.service);
  }

  /** Whether the options do not measure a method. */
  private isLeftOut(key: string): boolean {
    const { methods } = this.options;
    return methods !== null && !methods.has(key);
  }

  private methodOf(key: string): NamedMethod {
    let method = this.methods.get(key);
    if (method === undefined) {
      method = new NamedMethod();
      this.methods.set(key, method);
    }
    return method;
  }
}
