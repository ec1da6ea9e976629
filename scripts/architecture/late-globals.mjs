import ts from 'typescript-6';

import { violation } from './program.mjs';

/** What fake timers replace. */
const GLOBALS = new Set([
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask',
  'performance',
  'Date',
  'structuredClone',
]);
const METHODS = new Set(['AbortSignal.timeout', 'process.hrtime', 'process.nextTick']);

/** Finds uses of clocks and timers that were not captured when the package was loaded. */
export function checkLateGlobals({ files, checker, isInSource }, { BROWSER, LATE_GLOBALS }) {
  const exempt = [BROWSER.folder, ...Object.keys(LATE_GLOBALS)];
  return files
    .filter(({ path }) => !exempt.some((each) => path.startsWith(each)))
    .flatMap(({ file, imports }) => {
      const found = imports
        .filter((each) => !each.isTypeOnly && importsTimers(each))
        .map(({ node, name }) => late(file, node, name));
      const visit = (node) => {
        const name = nameOf(node);
        if (name !== null && !isShadowed(node, checker, isInSource)) {
          found.push(late(file, node, name));
        }
        ts.forEachChild(node, visit);
      };
      visit(file);
      return found;
    });
}

function importsTimers({ node, name }) {
  return (
    /^(?:node:)?timers(?:\/promises)?$/.test(name) ||
    (/^(?:node:)?perf_hooks$/.test(name) && /\bperformance\b/.test(node.getText()))
  );
}

function late(file, node, name) {
  const problem = `\`${name}\` may be the fake of a test runner by the time it is used. Use what metrics/clock.ts has captured.`;
  return violation(file, node, problem);
}

/** The name of the clock or timer that a node reads, or null. */
function nameOf(node) {
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText().replace(/^(?:globalThis|global)\./, '');
    return METHODS.has(text) || (text !== node.getText() && GLOBALS.has(text)) ? text : null;
  }
  if (!ts.isIdentifier(node) || !GLOBALS.has(node.text)) return null;
  const { parent } = node;
  const isName =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) || ts.isPartOfTypeNode(node);
  return isName ? null : node.text;
}

/** Whether the name belongs to something that the source declares itself. */
function isShadowed(node, checker, isInSource) {
  if (isTakenFromGlobal(node)) return false;
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(leftmost(node));
  return symbol !== undefined && isInSource(symbol);
}

/** Whether the name is bound as in `const { performance } = globalThis`. */
function isTakenFromGlobal({ parent }) {
  return (
    ts.isBindingElement(parent) &&
    ts.isVariableDeclaration(parent.parent.parent) &&
    /^(?:globalThis|global)$/.test(parent.parent.parent.initializer?.getText() ?? '')
  );
}

function leftmost(node) {
  return ts.isPropertyAccessExpression(node) ? leftmost(node.expression) : node;
}
