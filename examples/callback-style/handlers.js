'use strict';

const { InvalidOperation, Operation } = require('./gen-nodejs-es5/calculator_types');
const { Entry, NotFound } = require('./gen-nodejs-es5/shared_types');

const entries = new Map();

const operations = {
  [Operation.ADD]: (left, right) => left + right,
  [Operation.SUBTRACT]: (left, right) => left - right,
  [Operation.MULTIPLY]: (left, right) => left * right,
  [Operation.DIVIDE]: (left, right) => Math.trunc(left / right),
};

/** One function for each method; its last parameter takes the error or the result. */
exports.calculator = {
  ping(result) {
    result(null);
  },

  add(left, right, result) {
    result(null, (left + right) | 0);
  },

  calculate(logid, work, result) {
    const value = operations[work.op]?.(work.left, work.right);
    if (value !== (value | 0)) {
      result(new InvalidOperation({ operation: work.op, why: `the result is ${value}` }));
      return;
    }
    entries.set(logid, String(value));
    // The latency runs until the callback, not until this function returns.
    setTimeout(() => result(null, value), 30);
  },

  factorize(number, result) {
    const factors = [];
    for (let rest = number, factor = 2; rest > 1; factor++) {
      for (; rest % factor === 0; rest /= factor) factors.push(factor);
    }
    result(null, factors);
  },

  mean(values, result) {
    if (values.length === 0) result(new RangeError('the mean of no values'));
    else result(null, values.reduce((sum, value) => sum + value, 0) / values.length);
  },

  zip() {},

  reset(result) {
    entries.clear();
    result(null);
  },
};

/** The methods of the service that Calculator extends. */
exports.shared = {
  getStruct(key, result) {
    const value = entries.get(key);
    if (value === undefined) result(new NotFound({ key, hint: 'calculate something first' }));
    else result(null, new Entry({ key, value }));
  },

  recentKeys(limit, result) {
    result(null, [...entries.keys()].toReversed().slice(0, limit));
  },
};
