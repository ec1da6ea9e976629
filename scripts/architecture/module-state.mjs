// State of a module belongs to one copy of the package, and two copies in one process would disagree about it. So state
// hangs off the runtime, which all copies share.
import ts from 'typescript-6';

import { violation } from './program.mjs';
import { whatChanges } from './readonly-types.mjs';

const ADVICE =
  'make it a part of the runtime (definePart), or write `// Module state: <why two copies of the package cannot disagree>` above it.';
const READONLY =
  '(`as const`, `Readonly<…>`, `readonly …[]`, `ReadonlyMap`, `ReadonlySet`, readonly members)';

const EXEMPTION = /^\/\/ Module state:/;
const WITHOUT_REASON = /^\/\/ Module state:\W*$/;

/** Finds top-level variables and static fields that can change, unless a comment says why they may. */
export function checkModuleState(program, { BROWSER }) {
  return program.files
    .filter(({ path }) => !path.startsWith(BROWSER.folder))
    .flatMap(({ file }) => stateOfFile(file, program));
}

function stateOfFile(file, program) {
  let isExempt = false;
  return file.statements.flatMap((statement) => {
    const problems = problemsOf(statement, file, program);
    const exemption = commentsAbove(statement, file).find((text) => EXEMPTION.test(text));
    // An exemption also covers the statements that follow without a blank line.
    isExempt = exemption !== undefined || (isExempt && isAdjacent(statement, file));
    const wrong = exemption === undefined ? undefined : problemOfExemption(exemption, problems);
    if (wrong !== undefined) return [violation(file, statement, wrong)];
    return isExempt ? [] : problems;
  });
}

function problemOfExemption(exemption, problems) {
  if (WITHOUT_REASON.test(exemption)) {
    return 'The exemption has no reason. Say why two copies of the package cannot disagree about this state.';
  }
  if (problems.length > 0) return undefined;
  return 'The comment exempts module state, but what follows cannot change. Remove the comment.';
}

function commentsAbove(statement, file) {
  const ranges = ts.getLeadingCommentRanges(file.text, statement.getFullStart()) ?? [];
  return ranges.map(({ pos, end }) => file.text.slice(pos, end));
}

const isAdjacent = (statement, file) =>
  !/\n\s*\n/.test(file.text.slice(statement.getFullStart(), statement.getStart(file)));

function problemsOf(statement, file, program) {
  const found = [];
  const visit = (node) => {
    // Variables of a function live as long as its call.
    if (ts.isFunctionLike(node)) return;
    if (ts.isVariableStatement(node)) found.push(...problemsOfVariables(node, file, program));
    if (ts.isPropertyDeclaration(node) && hasModifier(node, ts.ModifierFlags.Static)) {
      found.push(...problemOfField(node, file, program));
    }
    ts.forEachChild(node, visit);
  };
  visit(statement);
  return found;
}

function problemsOfVariables({ declarationList: { declarations, flags } }, file, program) {
  if (flags & ts.NodeFlags.Const) {
    return declarations
      .filter(({ name }) => ts.isIdentifier(name))
      .flatMap((each) => problemOfValue(each, `\`${each.name.text}\``, file, program));
  }
  const keyword = flags & ts.NodeFlags.Let ? 'let' : 'var';
  return declarations.map((each) => {
    const variable = `\`${keyword} ${each.name.getText(file)}\``;
    return violation(file, each, `${variable} is module state. Declare it const, ${ADVICE}`);
  });
}

function problemOfField(node, file, program) {
  const field = `The static field \`${node.name.getText(file)}\``;
  if (hasModifier(node, ts.ModifierFlags.Readonly)) {
    return problemOfValue(node, field, file, program);
  }
  return [violation(file, node, `${field} is module state. Declare it readonly, ${ADVICE}`)];
}

function problemOfValue(node, name, file, program) {
  const change = whatChanges(program.checker.getTypeAtLocation(node), program);
  if (change === undefined) return [];
  const problem = `${name} is module state, because ${change}. Declare it readonly ${READONLY}, ${ADVICE}`;
  return [violation(file, node, problem)];
}

const hasModifier = (node, modifier) => (ts.getCombinedModifierFlags(node) & modifier) !== 0;
