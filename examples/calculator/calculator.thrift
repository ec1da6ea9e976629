/**
 * A calculator that remembers what it computed.
 */
include "shared.thrift"

namespace js calculator

enum Operation {
  ADD = 1,
  SUBTRACT = 2,
  MULTIPLY = 3,
  DIVIDE = 4,
}

struct Work {
  1: required i32 left,
  2: required i32 right,
  3: required Operation op,
  4: optional string comment,
}

/** The operation is unknown, or these operands do not allow it. */
exception InvalidOperation {
  1: i32 operation,
  2: string why,
}

service Calculator extends shared.SharedService {
  /** Answers as soon as it can. */
  void ping(),

  i32 add(1: i32 left, 2: i32 right),

  /** Computes, and keeps the result under `logid`, where `getStruct` finds it. */
  i32 calculate(1: i32 logid, 2: Work work) throws (1: InvalidOperation ouch),

  /** The prime factors of a number of at least 2, in ascending order. Takes its time. */
  list<i32> factorize(1: i32 number) throws (1: InvalidOperation ouch),

  /** The arithmetic mean. No values: an error that this IDL does not declare. */
  double mean(1: list<double> values),

  /** Compacts the memory some time later; nobody waits for it. */
  oneway void zip(),

  /** Forgets everything. */
  void reset(),
}
