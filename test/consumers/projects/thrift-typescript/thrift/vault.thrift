namespace js vault

exception Locked {
  1: string message
}

service Vault {
  string open(1: string key) throws (1: Locked locked),
  oneway void knock(1: i32 times)
}
