// Overloads that make the compiler say what to do. Each one matches a mistake and returns a type that a decorator cannot
// return, so the compiler quotes that type: "Decorator function return type 'Misuse<"@Counted cannot decorate a class. …">'
// is not assignable to type 'void | typeof OrdersHandler'".
//
// If no overload matches, TypeScript 7 explains only the last one. TypeScript 5.9 and 6 do the same if there are at least
// four candidates, and otherwise explain each one. So the overload with options is last, and at least three others take one
// argument.

/** The type that the compiler quotes if a decorator is in the wrong location or is used incorrectly. */
export interface Misuse<Message extends string> {
  readonly misuse: Message;
}

/** The type that the compiler quotes if a function in the options expects another method than the decorated one. */
export interface Mismatch<Message extends string, Types> {
  readonly mismatch: Message;
  readonly types: Types;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a class with any constructor
export type Class = abstract new (...args: any[]) => any;

export type MemberKind = 'method' | 'field' | 'getter' | 'setter' | 'accessor';

/** Rejects a class. */
export interface NotOnClass<Message extends string> {
  (value: Class, context?: { readonly kind: 'class' }): Misuse<Message>;
}

/** Rejects members of these kinds. In the legacy dialect, rejects every member that no earlier overload accepts. */
export interface NotOnMember<Kind extends MemberKind, Message extends string> {
  (value: unknown, context: { readonly kind: Kind }): Misuse<Message>;
  (
    target: object,
    key: string | symbol | undefined,
    descriptorOrIndex?: PropertyDescriptor | number,
  ): Misuse<Message>;
}

/** Rejects members that are not methods. */
export type NotOnField<Message extends string> = NotOnMember<
  Exclude<MemberKind, 'method'>,
  Message
>;

/** Rejects an argument that is not an options object. */
export interface NotAnArgument<Value, Message extends string> {
  (value: Value): (...applied: unknown[]) => Misuse<Message>;
}

/** Rejects a second argument. */
export interface NotSecondArgument<Value, Message extends string> {
  (first: Value, second: unknown): (...applied: unknown[]) => Misuse<Message>;
}

/**
 * Matches no call. After a call that matches no overload, the compiler continues with the first generic overload that takes
 * this many arguments. The result `any` prevents a second error that contradicts the first.
 */
export interface NoSecondError {
  // oxlint-disable-next-line typescript/no-explicit-any, typescript/no-unnecessary-type-parameters -- explained above
  <T extends never>(first: T, second: T): any;
}

/** Rejects options before the name. */
export interface NotSwapped<Options, Message extends string> {
  (options: Options, name: string): (...applied: unknown[]) => Misuse<Message>;
}
