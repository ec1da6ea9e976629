/** What Thrift's framed transport takes where nobody says otherwise, and on web servers always. */
const MAX_FRAME_SIZE = 16_384_000;

/** Whether a web server takes a frame that announces this size. */
export function isFrameSize(size: number): boolean {
  return size >= 0 && size <= MAX_FRAME_SIZE;
}
