/** Why a reader does not see what calls and errors contain. The live page and `/-/calls` say it in the same words. */
export const HIDDEN_FROM_READER =
  'Arguments, error messages and stacks are not shown, because everyone who reaches this server can read it. ' +
  "Set the option 'auth', or let the server listen on the loopback interface, such as host '127.0.0.1', and read it on that machine.";

/** Why nobody sees what errors say. */
export const NOT_KEPT =
  'Error messages and stacks are not kept, because the setting errorDetails is off.';
