// The sources as a program of TypeScript 6: TypeScript 7 has no stable API.
import { join, posix } from 'node:path';

import ts from 'typescript-6';

import { root } from '../run.mjs';

const FOLDER = `${root.replaceAll('\\', '/')}src/`;

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
  { ...ts.sys, readDirectory: () => [] },
  root,
);

/** Declarations of libraries, which programs share because parsing them takes most of the time. */
const libraryFiles = new Map();

/**
 * Parses sources, which need not exist on disk.
 *
 * @param {Record<string, string>} sources by their path in src
 */
export function createProgram(sources) {
  const texts = new Map(Object.entries(sources).map(([path, text]) => [FOLDER + path, text]));
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.fileExists = (name) => texts.has(name) || (!isSource(name) && ts.sys.fileExists(name));
  host.readFile = (name) => texts.get(name) ?? ts.sys.readFile(name);
  host.getSourceFile = (name, language) => {
    if (isSource(name)) return ts.createSourceFile(name, texts.get(name) ?? '', language, true);
    if (!libraryFiles.has(name)) libraryFiles.set(name, getSourceFile(name, language));
    return libraryFiles.get(name);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  const files = program
    .getSourceFiles()
    .filter(({ fileName }) => isSource(fileName))
    .map((file) => ({ path: file.fileName.slice(FOLDER.length), file, imports: importsOf(file) }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return { files, checker: program.getTypeChecker(), isInSource };
}

const isSource = (name) => name.startsWith(FOLDER);

/** Whether a symbol is declared in src, not in a library. */
const isInSource = (symbol) =>
  symbol.declarations?.some((node) => isSource(node.getSourceFile().fileName)) === true;

/** Describes a place in a source file. */
export function violation(file, node, message) {
  const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
  return { path: file.fileName.slice(FOLDER.length), line: line + 1, message };
}

/**
 * Everything that a file imports, in any form: `import`, `export … from`, `import()`, `require()` and `import('…')` types.
 * `target` is the imported file's path in src, or undefined for a package.
 */
function importsOf(file) {
  const found = [];
  const add = (node, specifier, isTypeOnly) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const name = specifier.text;
    found.push({ node, name, isTypeOnly, target: targetOf(file, name) });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, importsOnlyTypes(node));
    } else if (ts.isExternalModuleReference(node)) {
      add(node, node.expression, false);
    } else if (ts.isImportTypeNode(node)) {
      add(node, node.argument.literal, true);
    } else if (ts.isCallExpression(node) && isLoad(node.expression)) {
      add(node, node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const isLoad = (callee) =>
  callee.kind === ts.SyntaxKind.ImportKeyword || /^require(?:\.resolve)?$/.test(callee.getText());

function importsOnlyTypes(node) {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly || isListOfTypes(node.exportClause);
  const clause = node.importClause;
  return (
    clause !== undefined &&
    (clause.isTypeOnly || (clause.name === undefined && isListOfTypes(clause.namedBindings)))
  );
}

const isListOfTypes = (clause) =>
  clause?.elements !== undefined &&
  clause.elements.length > 0 &&
  clause.elements.every((element) => element.isTypeOnly);

function targetOf(file, name) {
  if (!name.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(file.fileName), name).slice(FOLDER.length);
  return /\.(?:[cm]?[jt]s|json|css)$/.test(path) ? path : `${path}.ts`;
}
