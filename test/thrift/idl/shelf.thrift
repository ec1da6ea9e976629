/**
 * The service that library.thrift extends.
 */
namespace js shelf

struct Item {
  1: required i32 id,
  2: optional string title,
}

exception Missing {
  1: i32 id,
}

service Shelf {
  Item find(1: i32 id) throws (1: Missing missing),
  void clear(),
}
