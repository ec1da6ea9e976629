import ts from 'typescript-6';

import { violation } from './program.mjs';

/** Finds uses of `globalThis` and `global`, except to read a global by its name, as in `globalThis.setImmediate`. */
export function checkGlobals({ files, checker, isInSource }, { BROWSER, GLOBAL_THIS }) {
  return files
    .filter(({ path }) => !path.startsWith(BROWSER.folder) && !Object.hasOwn(GLOBAL_THIS, path))
    .flatMap(({ file }) => {
      const found = [];
      const visit = (node) => {
        if (isGlobalObject(node, checker, isInSource) && !isRead(node)) {
          const problem = `\`${node.text}\` is shared with all other code of the process, and only runtime/runtime.ts may use it. Make the state a part of the runtime (definePart).`;
          found.push(violation(file, node, problem));
        }
        ts.forEachChild(node, visit);
      };
      visit(file);
      return found;
    });
}

function isGlobalObject(node, checker, isInSource) {
  if (!ts.isIdentifier(node) || !/^global(?:This)?$/.test(node.text)) return false;
  const symbol = checker.getSymbolAtLocation(node);
  return symbol === undefined || !isInSource(symbol);
}

function isRead({ parent }) {
  if (ts.isVariableDeclaration(parent)) return ts.isObjectBindingPattern(parent.name);
  return ts.isPropertyAccessExpression(parent) && !isWritten(parent);
}

function isWritten(access) {
  const { parent } = access;
  if (ts.isDeleteExpression(parent)) return true;
  if (!ts.isBinaryExpression(parent) || parent.left !== access) return false;
  const { kind } = parent.operatorToken;
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}
