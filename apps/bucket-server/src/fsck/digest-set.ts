const FIRST_CAPACITY = 1024;

/**
 * A set of SHA-256 digests in 8 bytes each: the first 64 bits. Two digests that begin alike are taken for one, so `has`
 * may say yes to one that was never added (and a blob is taken for used), never no to one that was.
 */
export class DigestSet {
  #values = new BigUint64Array(FIRST_CAPACITY);
  #length = 0;
  #isSorted = true;

  /** `sha256` is 64 hex digits. */
  add(sha256: string): void {
    if (this.#length === this.#values.length) {
      const larger = new BigUint64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = shortened(sha256);
    this.#length += 1;
    this.#isSorted = false;
  }

  has(sha256: string): boolean {
    const values = this.#sorted();
    const wanted = shortened(sha256);
    let low = 0;
    let high = values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[middle] ?? wanted) < wanted) low = middle + 1;
      else high = middle;
    }
    return values[low] === wanted;
  }

  #sorted(): BigUint64Array {
    const values = this.#values.subarray(0, this.#length);
    if (!this.#isSorted) values.sort();
    this.#isSorted = true;
    return values;
  }
}

function shortened(sha256: string): bigint {
  return BigInt(`0x${sha256.slice(0, 16)}`);
}
