import { isBuiltin } from 'node:module';

import { violation } from './program.mjs';

const TABLE = 'scripts/check-architecture.mjs';

/** Compares the direction of each import, and each package, with the tables. */
export function checkImports({ files }, tables) {
  return files.flatMap(({ path, file, imports }) =>
    imports.flatMap((each) => {
      const problem =
        each.target === undefined
          ? packageProblem(path, each, tables)
          : directionProblem(path, each, tables);
      return problem === undefined ? [] : [violation(file, each.node, problem)];
    }),
  );
}

function directionProblem(path, { target, isTypeOnly }, tables) {
  const { MODULES, ENTRY_POINTS, SHARED, BROWSER } = tables;
  if (ENTRY_POINTS.includes(target)) {
    return `${target} is an entry point, and no file may import it. Import the file that declares what is needed.`;
  }
  const isProtocol = BROWSER.protocol.includes(target) && isTypeOnly;
  if (path.startsWith(BROWSER.folder)) {
    const isShared = BROWSER.shared.includes(target);
    if (target.startsWith(BROWSER.folder) || isProtocol || isShared) return undefined;
    return `Browser code may import only ${BROWSER.folder}, the types of its protocol and ${BROWSER.shared.join(', ')}. Move what it needs there, or send it in the protocol.`;
  }
  if (BROWSER.shared.includes(path) && !BROWSER.shared.includes(target)) {
    return `${path} also runs in a browser, and may import nothing. Take what it needs as an argument.`;
  }
  if (target.startsWith(BROWSER.folder) && !isProtocol) {
    return `${target} is browser code, which runs in a program of its own. Import only the types of its protocol, with \`import type\`.`;
  }
  if (ENTRY_POINTS.includes(path) || SHARED.includes(target)) return undefined;
  if (SHARED.includes(path)) {
    return `${path} lies beside the modules, and may import none of them. Move it into the module that it belongs to.`;
  }
  const from = moduleOf(path);
  const to = moduleOf(target);
  if (MODULES[from] === undefined) {
    return `${from} is not in the table of modules. Add it to MODULES in ${TABLE}, or move the file into a module.`;
  }
  if (from === to || MODULES[from].includes(to)) return undefined;
  if (MODULES[from].includes(`${to} (types)`)) {
    if (isTypeOnly) return undefined;
    return `${from}/ may import only types of ${to}/. Write \`import type\`, or take the value as an argument.`;
  }
  const allowed = MODULES[from].map((name) => name.replace(/^\w+/, '$&/')).join(', ');
  return `${from}/ may not import ${to}/, only ${allowed || 'its own files'}. Move what both need to the lower module, or take it as an argument.`;
}

function packageProblem(path, { name }, { PACKAGES, BROWSER }) {
  if (isBuiltin(name)) {
    if (!path.startsWith(BROWSER.folder) && !BROWSER.shared.includes(path)) return undefined;
    return `'${name}' is a module of Node.js, which a browser does not have. Use what the browser offers.`;
  }
  const owners = [PACKAGES[packageOf(name)] ?? []].flat();
  if (owners.length === 0) {
    return `'${name}' is not in the table of packages. Add it to PACKAGES in ${TABLE}, with the folder that may know it.`;
  }
  const mayImport = (owner) => path === owner || (owner.endsWith('/') && path.startsWith(owner));
  if (owners.some(mayImport)) return undefined;
  const list = owners.join(' and ');
  return `Only ${list} may import '${packageOf(name)}'. Use what ${list} exports.`;
}

const moduleOf = (path) => path.split('/')[0];

const packageOf = (name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/');
