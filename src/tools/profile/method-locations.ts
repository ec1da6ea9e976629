import { methodFunctions } from '../../declaration/method-functions';
import { runSoon } from '../../metrics/clock';
import { definePart, RUNTIME_KEY, type Runtime } from '../../runtime/runtime';
import type { ProfiledMethod } from '../page/browser/profile-protocol';
import type { Inspector } from './inspector';

const PART = 'profile.functions';

/** The functions that the inspector is asked about. It finds them here, because it reads only what globals lead to. */
const askedOf = definePart(PART, () => ({ functions: [] as Function[] }));

/** Reads the functions of {@link askedOf} in the program. */
const EXPRESSION = `globalThis[Symbol.for(${JSON.stringify(RUNTIME_KEY.description)})].part(${JSON.stringify(PART)}).functions`;

/** A bound function may be bound again, but not forever. */
const MAX_BOUND = 5;

interface Property {
  readonly name: string;
  readonly value?: {
    readonly objectId?: string;
    /** Of `[[FunctionLocation]]`. */
    readonly value?: {
      readonly scriptId: string;
      readonly lineNumber: number;
      readonly columnNumber?: number;
    };
  };
}

interface Properties {
  readonly result: readonly Property[];
  readonly internalProperties?: readonly Property[];
}

/**
 * Finds where the functions of all measured methods are written, in the terms in which a profile names functions. So a profile
 * shows a method also where no wrapper is on the stack, as after an `await`. Without the answers of the inspector, it finds
 * nothing.
 */
export async function locateMethods(
  runtime: Runtime,
  inspector: Inspector,
): Promise<ProfiledMethod[]> {
  const asked = askedOf(runtime);
  const methods = methodFunctions(runtime);
  asked.functions = methods.map(({ run }) => run);
  try {
    const { result: list } = (await inspector.post('Runtime.evaluate', {
      expression: EXPRESSION,
      silent: true,
    })) as { result: { objectId?: string } };
    const { result: entries } = await propertiesOf(inspector, list.objectId);
    const found: ProfiledMethod[] = [];
    for (const { name, value } of entries) {
      const method = methods[Number(name)];
      if (method === undefined || value?.objectId === undefined) continue;
      // oxlint-disable-next-line no-await-in-loop -- each question takes a part of a millisecond, so calls run in between
      const location = await locationOf(inspector, value.objectId);
      const { service, method: named } = method;
      if (location !== null) found.push({ service, method: named, ...location });
      // oxlint-disable-next-line no-await-in-loop -- as above
      await new Promise<void>((resolve) => void runSoon(resolve));
    }
    return found;
  } catch {
    return [];
  } finally {
    asked.functions = [];
  }
}

async function locationOf(
  inspector: Inspector,
  functionId: string,
): Promise<Pick<ProfiledMethod, 'scriptId' | 'lineNumber' | 'columnNumber'> | null> {
  let objectId: string | undefined = functionId;
  for (let bound = 0; bound <= MAX_BOUND && objectId !== undefined; bound++) {
    // oxlint-disable-next-line no-await-in-loop -- a bound function leads to the next one
    const { internalProperties = [] }: Properties = await propertiesOf(inspector, objectId);
    const valueOf = (name: string): Property['value'] =>
      internalProperties.find((each) => each.name === name)?.value;
    const location = valueOf('[[FunctionLocation]]')?.value;
    if (location !== undefined) {
      const { scriptId, lineNumber, columnNumber = 0 } = location;
      return { scriptId, lineNumber, columnNumber };
    }
    objectId = valueOf('[[TargetFunction]]')?.objectId;
  }
  return null;
}

async function propertiesOf(
  inspector: Inspector,
  objectId: string | undefined,
): Promise<Properties> {
  return (await inspector.post('Runtime.getProperties', {
    objectId,
    ownProperties: true,
  })) as Properties;
}
