import type { IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { ArtifactError, type ArtifactErrorCode } from '../errors.ts';
import { badResponse, errorOf } from './answer.ts';
import type { Connection } from './connection.ts';
import { Exchange } from './exchange.ts';
import { versionPath } from './paths.ts';
import { isStoredDigest } from './rules.ts';
import { Sha256 } from './sha256.ts';
import { shown } from './shown.ts';
import type { Transfer } from './transfer.ts';
import type { ArtifactRef } from './types.ts';

/** How often in a row a broken download is taken up again without getting further; the waits are 0.1 to 6.4 s. */
const MAX_RESUMES = 7;
const FIRST_PAUSE_MS = 100;
/** What a Bucket, or the gateway before it, answers while it is started again. */
const PASSING: ReadonlySet<ArtifactErrorCode> = new Set([
  'network',
  'http_5xx',
  'shutting_down',
  'engine_unavailable',
  'overloaded',
]);

export interface Wanted {
  readonly ref: ArtifactRef;
  readonly digest: string | undefined;
  readonly range?: { readonly start: number; readonly end: number } | undefined;
}

/** Where the bytes go. */
export interface Sink {
  /** Called before the first byte, with how many will come; and again where all have to come anew. */
  begin(size: number): void | Promise<void>;
  /** A promise where it needs time: no more come before it is settled. */
  write(bytes: Uint8Array): void | Promise<void>;
}

/**
 * The bytes of a version, or a range of them, from first to last (CONTRACT B2). A connection that breaks once an answer
 * has begun is taken up by Range where it broke. The whole is held to its digest; of a range only the length can be
 * checked.
 */
export class Receiver {
  readonly #connection: Connection;
  readonly #transfer: Transfer;
  readonly #wanted: Wanted;
  readonly #sink: Sink;
  #hash = new Sha256();
  #received = 0;
  /** The most that were ever received, which starting over does not lower: only beyond it is there progress. */
  #furthest = 0;
  /** Whether the head of an answer was seen and found good. */
  #hasBegun = false;
  #size = 0;
  #digest: string | undefined;
  #entityTag: string | undefined;

  constructor(connection: Connection, transfer: Transfer, wanted: Wanted, sink: Sink) {
    this.#connection = connection;
    this.#transfer = transfer;
    this.#wanted = wanted;
    this.#sink = sink;
    this.#digest = wanted.digest;
  }

  /** All bytes, verified. Rejects with an ArtifactError; what the sink has by then is not whole, or not right. */
  async whole(): Promise<{ digest: string; size: number }> {
    await this.#receive();
    return { digest: this.#verifiedDigest(), size: this.#size };
  }

  /** The bytes of the range, which nobody verifies. */
  range(): Promise<void> {
    return this.#receive();
  }

  async #receive(): Promise<void> {
    let done = false;
    for (let resumes = 0; !done; resumes += 1) {
      const before = this.#furthest;
      try {
        await this.#attempt();
        done = true;
      } catch (error) {
        if (this.#furthest > before) resumes = 0;
        if (!this.#canResume(error) || resumes === MAX_RESUMES) throw error;
        this.#transfer.rest();
        await this.#transfer.race(setTimeout(FIRST_PAUSE_MS * 2 ** resumes));
      }
    }
  }

  #canResume(error: unknown): boolean {
    return this.#hasBegun && error instanceof ArtifactError && PASSING.has(error.code);
  }

  #attempt(): Promise<void> {
    const { ref, digest } = this.#wanted;
    const call = {
      method: 'GET',
      path: versionPath(ref, { digest }),
      headers: this.#rangeHeaders(),
    } as const;
    return Exchange.run(this.#connection, this.#transfer, call, async (response) => {
      const { statusCode: status } = response;
      if (status !== 200 && status !== 206) throw await this.#refused(response);
      const asked = 'range' in call.headers;
      if (status === 206) this.#checkRange(response, asked);
      else if (asked) this.#startOver();
      this.#checkHead(response);
      if (this.#received === 0) await this.#begin(response);
      await this.#read(response);
    });
  }

  #rangeHeaders(): Record<string, string> {
    const { range } = this.#wanted;
    if (range === undefined && this.#received === 0) return {};
    const last = range === undefined ? '' : range.end - 1;
    return {
      range: `bytes=${this.#start}-${last}`,
      ...(this.#entityTag !== undefined && { 'if-range': this.#entityTag }),
    };
  }

  /** Where in the artifact the next byte lies. */
  get #start(): number {
    return (this.#wanted.range?.start ?? 0) + this.#received;
  }

  async #refused(response: IncomingMessage): Promise<ArtifactError> {
    const error = await errorOf(response, this.#transfer);
    const { statusCode: status } = response;
    return error.code === 'bad_response' ? badResponse(`is a ${status}, not a 200`, { status }) : error;
  }

  /** Range was not heeded: all bytes come anew. */
  #startOver(): void {
    if (this.#wanted.range !== undefined) throw badResponse('takes no notice of Range', { status: 200 });
    this.#received = 0;
    this.#hash = new Sha256();
  }

  #checkRange(response: IncomingMessage, asked: boolean): void {
    const text = response.headers['content-range'] ?? '';
    const [start, last, total] = (/^bytes (\d+)-(\d+)\/(\d+)$/.exec(text) ?? []).slice(1).map(Number);
    const { range } = this.#wanted;
    if (!asked || start !== this.#start || last === undefined || total === undefined) {
      throw badResponse(`has a Content-Range that was not asked for, ${shown(text)}`, { status: 206 });
    }
    const wanted = range === undefined ? this.#size - 1 : range.end - 1;
    if (last === wanted) return;
    const message = `the range ends at byte ${wanted + 1}, and the artifact has ${total}: ask for less.`;
    throw new ArtifactError('range_not_satisfiable', message, {
      expected: wanted + 1,
      found: total,
      status: 206,
    });
  }

  #checkHead({ headers, statusCode: status }: IncomingMessage): void {
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') throw badResponse(`is encoded as ${shown(encoding)}`, { status });
    const digest = headers['x-artifact-digest'];
    if (digest === undefined && (this.#digest !== undefined || this.#wanted.range !== undefined)) return;
    if (!isStoredDigest(digest)) throw badResponse('names no digest: give the one that you want', { status });
    this.#digest ??= digest;
    if (this.#digest === digest) return;
    const message = `the artifact is stored with the digest ${digest}, not ${this.#digest}: correct the reference.`;
    throw new ArtifactError('digest_precondition_failed', message, {
      expected: this.#digest,
      found: digest,
      status,
    });
  }

  async #begin({ headers, statusCode: status }: IncomingMessage): Promise<void> {
    const { range } = this.#wanted;
    const length = headers['content-length'];
    this.#size = range === undefined ? Number(length) : range.end - range.start;
    if (!/^\d+$/.test(length ?? '') || Number(length) !== this.#size) {
      throw badResponse(`has the Content-Length ${shown(length)}, which cannot be`, { status });
    }
    this.#hasBegun = true;
    const { etag } = headers;
    this.#entityTag = etag?.startsWith('"') ? etag : undefined;
    this.#transfer.rest();
    await this.#sink.begin(this.#size);
  }

  async #read(response: IncomingMessage): Promise<void> {
    const awaited = 'Bucket sent no more bytes';
    this.#transfer.expect(awaited);
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      // no encoding is set, so they are bytes
      this.#transfer.expect(awaited);
      if (this.#received + chunk.byteLength > this.#size) throw badResponse('is longer than it says');
      if (this.#wanted.range === undefined) this.#hash.update(chunk);
      const writing = this.#sink.write(chunk);
      this.#received += chunk.byteLength;
      this.#furthest = Math.max(this.#furthest, this.#received);
      if (writing === undefined) continue;
      this.#transfer.rest();
      await writing;
      this.#transfer.expect(awaited);
    }
    this.#transfer.throwIfOver();
  }

  #verifiedDigest(): string {
    const found = this.#hash.digest();
    if (found === this.#digest) return found;
    const message = `the bytes that came have the digest ${found}, not ${this.#digest}: they were damaged in Bucket or on the way, and were thrown away. \`bucket-server fsck\` tells whether Bucket's are.`;
    throw new ArtifactError('digest_mismatch', message, { expected: this.#digest, found });
  }
}
