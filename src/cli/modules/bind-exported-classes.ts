import { adoptMethods, bindAll } from '../../decorators/declare';

/**
 * Gives the classes that a module exports their series. In the standard dialect, method decorators of a class without a
 * class decorator learn their class only when it is constructed, and nobody constructs it here.
 */
export function bindExportedClasses(namespace: object): void {
  const { default: main } = namespace as { default?: unknown };
  // What `module.exports` holds of a CommonJS module is not always among the names of its namespace.
  const ofMain = typeof main === 'object' && main !== null ? Object.values(main) : [];
  for (const exported of new Set<unknown>([...Object.values(namespace), ...ofMain])) {
    bindWithBases(exported);
  }
}

function bindWithBases(exported: unknown): void {
  let owner = exported;
  while (typeof owner === 'function' && owner !== Function.prototype) {
    if (typeof owner.prototype === 'object' && owner.prototype !== null) {
      const declaration = adoptMethods(owner);
      if (declaration.methods.some(({ plan }) => !plan.ready)) bindAll(declaration, owner);
    }
    owner = Object.getPrototypeOf(owner);
  }
}
