// A plugin for Stryker: leaves the messages of errors as they are, whose exact words may change. Their codes may not.

/** Which argument of these constructors is the message. */
const MESSAGE = { ThriftMetricsError: 1, Error: 0, TypeError: 0 };

/** Returns whether this is the message of an error that is created here. */
const isMessage = ({ parent, listKey, key }) =>
  parent?.type === 'NewExpression' &&
  listKey === 'arguments' &&
  key === MESSAGE[parent.callee.name];

export const ignorer = {
  shouldIgnore: (path) => (isMessage(path) ? 'The message of an error.' : undefined),
};

export const strykerPlugins = [{ kind: 'Ignore', name: 'messages', value: ignorer }];
