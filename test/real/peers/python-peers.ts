/** The Python libraries with the transports and protocols that they have: each is a peer of its own. */
export const PYTHON_PEERS = [
  ['thriftpy', 'buffered', 'binary'],
  ['thriftpy', 'framed', 'binary'],
  ['apache', 'buffered', 'binary'],
  ['apache', 'framed', 'binary'],
  ['apache', 'buffered', 'compact'],
  ['apache', 'framed', 'compact'],
  ['apache', 'buffered', 'json'],
  ['apache', 'framed', 'json'],
] as const;
