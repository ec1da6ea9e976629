/** Takes a render piece by piece, so that it never stands in memory as a whole. */
export interface Sink {
  /** Resolves once the piece is done with: it is overwritten then. */
  write(piece: Buffer): Promise<void>;
}
