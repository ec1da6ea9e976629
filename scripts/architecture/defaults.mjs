import ts from 'typescript-6';

import { violation } from './program.mjs';

/** Finds options of the public interfaces that do not document their default. */
export function checkDefaults({ files, checker }, { ENTRY_POINTS }) {
  const found = new Map();
  for (const { path, file } of files) {
    if (!ENTRY_POINTS.includes(path)) continue;
    const module = checker.getSymbolAtLocation(file);
    for (const exported of module === undefined ? [] : checker.getExportsOfModule(module)) {
      if (!/(?:Options|Configuration)$/.test(exported.name)) continue;
      for (const option of optionsOf(exported, checker)) {
        const problem = `The option \`${option.name}\` of \`${exported.name}\` has no default in its doc comment. Add \`@default\`.`;
        found.set(option.valueDeclaration, problem);
      }
    }
  }
  return [...found].map(([node, problem]) => violation(node.getSourceFile(), node, problem));
}

/** The optional properties without `@default`, inherited ones included. A required one cannot have a default. */
function optionsOf(exported, checker) {
  const symbol =
    exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  return checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    .filter(({ flags, valueDeclaration }) => flags & ts.SymbolFlags.Optional && valueDeclaration)
    .filter((option) => !option.getJsDocTags(checker).some(({ name }) => name === 'default'));
}
