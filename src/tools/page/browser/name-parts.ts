/** The parts of a name between which a line may break. */
export function partsOf(name: string): string[] {
  return name.split(/(?<=\p{Ll}|\d)(?=\p{Lu})|(?<=[._-])(?=[^._-])/u);
}
