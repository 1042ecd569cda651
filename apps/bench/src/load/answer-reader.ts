const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');
/** Where the status stands in `HTTP/1.1 200 OK`. */
const STATUS_AT = 9;

/** One HTTP answer on its way in. It keeps the head and counts the body: what comes may be larger than memory. */
export class AnswerReader {
  #head = Buffer.alloc(0);
  #hasHead = false;
  #bodyBytes = 0;
  #length: number | undefined;
  #tail = Buffer.alloc(0);
  #bodyBeganAt = Number.NaN;

  /** Takes the bytes that come next, which may be overwritten afterwards. Whether the answer is whole with them. */
  take(bytes: Buffer): boolean {
    if (this.#hasHead) return this.#takeBody(bytes);
    const all = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const end = all.indexOf(HEAD_END);
    this.#head = Buffer.from(end < 0 ? all : all.subarray(0, end + HEAD_END.length));
    if (end < 0) return false;
    this.#hasHead = true;
    const length = this.header('content-length');
    this.#length = length === undefined ? undefined : Number(length);
    this.#tail = this.#head.subarray(-LAST_CHUNK.length);
    return this.#takeBody(all.subarray(this.#head.length));
  }

  get status(): number {
    return Number(this.#head.toString('latin1', STATUS_AT, STATUS_AT + 3));
  }

  /** Of the body as it was sent, the marks between its chunks included. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** When the first byte of the body was there, by performance.now(); NaN before. */
  get bodyBeganAt(): number {
    return this.#bodyBeganAt;
  }

  header(name: string): string | undefined {
    return new RegExp(`^${name}: *(.*)$`, 'im').exec(this.#head.toString('latin1'))?.[1];
  }

  #takeBody(bytes: Buffer): boolean {
    if (this.#bodyBytes === 0 && bytes.length > 0) this.#bodyBeganAt = performance.now();
    this.#bodyBytes += bytes.length;
    if (this.#length !== undefined) return this.#bodyBytes >= this.#length;
    const last = bytes.subarray(-LAST_CHUNK.length);
    this.#tail = Buffer.concat([this.#tail, last]).subarray(-LAST_CHUNK.length);
    return this.#tail.equals(LAST_CHUNK);
  }
}
