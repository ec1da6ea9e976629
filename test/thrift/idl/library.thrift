/**
 * One method for each number of arguments, and one for each way to answer.
 */
include "shelf.thrift"

namespace js library

enum Genre {
  NOVEL = 1,
  POEM = 2,
}

struct Detail {
  1: string text,
}

exception Refused {
  1: string why,
}

/** Its fields have the names that every error has, and one of them is not a string. */
exception Renamed {
  1: i32 name,
  2: Detail message,
}

/** No method throws it. */
exception Stray {
  1: string why,
}

service Library extends shelf.Shelf {
  void ping(),
  i32 count() throws (1: Refused refused),
  void close() throws (1: Refused refused),
  i32 twice(1: i32 number) throws (1: Refused refused),
  i32 divide(1: i32 left, 2: i32 right) throws (1: Refused refused, 2: Renamed renamed),
  i32 clamp(1: i32 number, 2: i32 low, 3: i32 high) throws (1: Refused refused),
  Genre genreOf(1: shelf.Item item),
  shelf.Item store(1: shelf.Item item, 2: Genre genre) throws (1: Refused refused),
  string describe(1: i32 id),
  oneway void note(1: string text),
}
