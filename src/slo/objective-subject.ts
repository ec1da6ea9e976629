import type { DeclaredMethod } from '../declaration/describe';
import type { DeclaredObjective } from '../declaration/objective';

/** What one objective covers: a method, or the methods of a service that share an objective with `scope: 'service'`. */
export interface ObjectiveSubject {
  readonly service: string;
  /** Undefined if methods share the objective. */
  readonly method: string | undefined;
  readonly objective: DeclaredObjective;
  /** The covered methods. Each has the objective. */
  readonly members: readonly DeclaredMethod[];
  /** Whether the members are all declared methods of the service. */
  readonly isWholeService: boolean;
}

/** Lists what the objectives cover: single methods first, in their order, then services. No method is in two subjects. */
export function objectiveSubjects(methods: readonly DeclaredMethod[]): ObjectiveSubject[] {
  const single: ObjectiveSubject[] = [];
  const shared = new Map<string, DeclaredMethod[]>();
  for (const declared of methods) {
    const { service, method, objective } = declared;
    if (objective === null) continue;
    if (objective.scope === 'service') {
      const key = JSON.stringify([service, objective]);
      shared.set(key, [...(shared.get(key) ?? []), declared]);
    } else {
      single.push({ service, method, objective, members: [declared], isWholeService: false });
    }
  }
  return [...single, ...[...shared.values()].flatMap((members) => shareOf(members, methods))];
}

function shareOf(
  members: readonly DeclaredMethod[],
  methods: readonly DeclaredMethod[],
): ObjectiveSubject[] {
  const [first] = members;
  if (first === undefined || first.objective === null) return [];
  const { service, objective } = first;
  const ofService = methods.filter((other) => other.service === service);
  const isWholeService = members.length === ofService.length;
  return [{ service, method: undefined, objective, members, isWholeService }];
}
