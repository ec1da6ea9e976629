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
}

exception InvalidOperation {
  1: i32 operation,
  2: string why,
}

service Calculator {
  void ping(),
  i32 add(1: i32 left, 2: i32 right),
  i32 calculate(1: i32 logid, 2: Work work) throws (1: InvalidOperation ouch),
}
