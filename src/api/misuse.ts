// Overloads that make the compiler say what to do. Each one matches a mistake and returns what no decorator may return, so
// the compiler quotes it: "Decorator function return type 'Misuse<"@Counted cannot decorate a class. …">' is not
// assignable to type 'void | typeof OrdersHandler'".
//
// Where no overload matches, TypeScript 7 explains the last one alone; 5.9 and 6 do so from four candidates on, and
// explain each of them otherwise. So the overload with options is last, and at least three others take one argument.

/** What the compiler quotes when a decorator is in the wrong place or is used in the wrong way. */
export interface Misuse<Message extends string> {
  readonly misuse: Message;
}

/** What the compiler quotes when a function in the options expects another method than the decorated one. */
export interface Mismatch<Message extends string, Types> {
  readonly mismatch: Message;
  readonly types: Types;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a class with any constructor
export type Class = abstract new (...args: any[]) => any;

export type MemberKind = 'method' | 'field' | 'getter' | 'setter' | 'accessor';

/** Refuses a class. */
export interface NotOnClass<Message extends string> {
  (value: Class, context?: { readonly kind: 'class' }): Misuse<Message>;
}

/** Refuses members of these kinds. In the legacy dialect: every member that an earlier overload does not accept. */
export interface NotOnMember<Kind extends MemberKind, Message extends string> {
  (value: unknown, context: { readonly kind: Kind }): Misuse<Message>;
  (
    target: object,
    key: string | symbol | undefined,
    descriptorOrIndex?: PropertyDescriptor | number,
  ): Misuse<Message>;
}

/** Refuses members that are not methods. */
export type NotOnField<Message extends string> = NotOnMember<
  Exclude<MemberKind, 'method'>,
  Message
>;

/** Refuses an argument that is not an options object. */
export interface NotAnArgument<Value, Message extends string> {
  (value: Value): (...applied: unknown[]) => Misuse<Message>;
}

/** Refuses a second argument. */
export interface NotSecondArgument<Value, Message extends string> {
  (first: Value, second: unknown): (...applied: unknown[]) => Misuse<Message>;
}

/**
 * Matches nothing. After a call that matches no overload, the compiler goes on with the first generic one that could take
 * so many arguments; the result `any` keeps it from a second error that contradicts the first.
 */
export interface NoSecondError {
  // oxlint-disable-next-line typescript/no-explicit-any, typescript/no-unnecessary-type-parameters -- explained above
  <T extends never>(first: T, second: T): any;
}

/** Refuses options before the name. */
export interface NotSwapped<Options, Message extends string> {
  (options: Options, name: string): (...applied: unknown[]) => Misuse<Message>;
}
