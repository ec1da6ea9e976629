/**
 * What every service of this family offers: a look into the records it keeps.
 */
namespace js shared

struct Entry {
  1: required i32 key,
  2: required string value,
}

/** There is no entry under this key. */
exception NotFound {
  1: i32 key,
  2: string hint,
}

service SharedService {
  /** The entry under a key. */
  Entry getStruct(1: i32 key) throws (1: NotFound missing),

  /** The keys of the newest entries, newest first, at most `limit` of them. */
  list<i32> recentKeys(1: i32 limit),
}
