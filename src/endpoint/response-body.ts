/** Bytes in a chunk of a body: as many as a connection takes at once. */
const BODY_CHUNK_BYTES = 64 * 1024;

/**
 * Memory of the bodies that are rendered or sent. Chunks are used again, because the garbage collector lets tens of
 * megabytes of dropped buffers accumulate before it frees them.
 */
export class BodyMemory {
  /** Bytes that bodies hold. */
  held = 0;
  private readonly free: Buffer[] = [];

  /** @param kept bytes of free chunks that are kept for later bodies */
  constructor(private readonly kept: number) {}

  take(): Buffer {
    this.held += BODY_CHUNK_BYTES;
    return this.free.pop() ?? Buffer.allocUnsafeSlow(BODY_CHUNK_BYTES);
  }

  give(chunks: readonly Buffer[]): void {
    this.held -= chunks.length * BODY_CHUNK_BYTES;
    const most = Math.floor(this.kept / BODY_CHUNK_BYTES) - this.free.length;
    this.free.push(...chunks.slice(0, Math.max(0, most)));
  }
}

/** A body in chunks, which all its readers share. */
export class ResponseBody {
  private readonly chunks: Buffer[] = [];
  length = 0;
  private isFreed = false;

  constructor(private readonly memory: BodyMemory) {}

  /** Bytes of memory that the body holds. */
  get held(): number {
    return this.chunks.length * BODY_CHUNK_BYTES;
  }

  /** Appends a copy of the bytes. */
  append(bytes: Buffer): void {
    if (this.isFreed) return;
    for (let from = 0; from < bytes.length;) {
      const used = this.length % BODY_CHUNK_BYTES;
      if (used === 0) this.chunks.push(this.memory.take());
      const copied = bytes.copy(this.chunks.at(-1) as Buffer, used, from);
      from += copied;
      this.length += copied;
    }
  }

  /** Returns the content in chunks that share the memory of the body. */
  *content(): Generator<Buffer> {
    const { chunks, length } = this;
    for (let i = 0; i < chunks.length; i++) {
      const rest = length - i * BODY_CHUNK_BYTES;
      const chunk = chunks[i] as Buffer;
      yield rest < BODY_CHUNK_BYTES ? chunk.subarray(0, rest) : chunk;
    }
  }

  /** Returns the memory for use by other bodies. The content must not be read afterwards. */
  freeMemory(): void {
    if (this.isFreed) return;
    this.isFreed = true;
    this.memory.give(this.chunks.splice(0));
  }
}
