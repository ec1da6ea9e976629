/**
 * What compilers before 0.24 do not know or do not guard: identifiers, and structs that contain themselves.
 */
namespace js forest

struct Tree {
  1: optional uuid id,
  2: optional list<Tree> branches,
}

exception Felled {
  1: uuid id,
}

service Forest {
  Tree plant(1: Tree tree) throws (1: Felled felled),
  uuid rename(1: uuid id) throws (1: Felled felled),
}
