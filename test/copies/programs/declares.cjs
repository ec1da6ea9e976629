// Declares metrics with the first copy of the package, and makes a mistake if MISTAKE is set.
const { instrumentHandler } = require('../../../dist/index.js');

instrumentHandler(
  { add() {} },
  { service: 'Calculator', ...(process.env.MISTAKE && { timed: 3 }) },
);
