import type { IncomingMessage } from 'node:http';
import type { ArtifactMetadata } from '@bhiv/contracts';
import { ArtifactError } from '../errors.ts';
import { badResponse, errorOf, readJson } from './answer.ts';
import type { UploadClaim } from './check-upload.ts';
import type { Call, Connection } from './connection.ts';
import { Exchange } from './exchange.ts';
import { fetchMetadata } from './head.ts';
import { metadataOf, namesOf } from './metadata.ts';
import { tooLarge, type uploadOptions } from './options.ts';
import { artifactPath } from './paths.ts';
import { isStoredDigest } from './rules.ts';
import { Sha256 } from './sha256.ts';
import { openSource } from './sources/open-source.ts';
import type { Source } from './sources/source.ts';
import { digestMismatch, verified } from './sources/verified.ts';
import type { Transfer } from './transfer.ts';
import type { TransferProgress } from './types.ts';

/** A body of up to this size is not worth the question whether it may come. */
const ASK_ABOVE_BYTES = 64 * 1024;

type Options = ReturnType<typeof uploadOptions>;
type Tell = (progress: TransferProgress) => void;

export interface Stored {
  readonly metadata: ArtifactMetadata;
  readonly alreadyStored: boolean;
}

/**
 * Uploads what `given` holds (CONTRACT B1, B5): its size first, then the digest of its bytes, and only then the
 * transfer. Rejects with an ArtifactError; whatever happens, files, streams and sockets are let go of.
 */
export async function upload(
  connection: Connection,
  transfer: Transfer,
  claim: UploadClaim,
  given: unknown,
  options: Options,
  tell: Tell,
): Promise<Stored> {
  const { maxBytes, allowEmpty } = options;
  checkLimits(claim.size, maxBytes, allowEmpty);
  const spooled = (bytes: number) => {
    if (bytes > maxBytes) throw tooLarge(bytes, maxBytes);
    tell({ phase: 'spooling', bytes, total: claim.size });
  };
  const source = await openSource(given, claim, { spool: options.spool, spooled }, transfer);
  try {
    checkLimits(source.size, maxBytes, allowEmpty);
    if (claim.size !== undefined && source.size !== claim.size) throw sizeMismatch(claim.size, source.size);
    const digest = source.digest ?? (await digestOf(source, transfer, tell));
    if (claim.digest !== undefined && digest !== claim.digest) throw digestMismatch(claim.digest, digest);
    return await send(connection, transfer, claim, source, digest, tell);
  } finally {
    await source.close();
  }
}

function checkLimits(size: number | undefined, maxBytes: number, allowEmpty: boolean): void {
  if (size === undefined) return;
  if (size > maxBytes) throw tooLarge(size, maxBytes);
  if (size > 0 || allowEmpty) return;
  const message =
    'the artifact has 0 bytes, which is most often a mistake: see what should have written it, or set allowEmpty.';
  throw new ArtifactError('empty_artifact', message, { found: 0 });
}

function sizeMismatch(expected: number, found: number): ArtifactError {
  const message = `the source has ${found} bytes, and size says ${expected}: correct it, or leave it out.`;
  return new ArtifactError('size_mismatch', message, { expected, found });
}

async function digestOf(source: Source, transfer: Transfer, tell: Tell): Promise<string> {
  const hash = new Sha256();
  let bytes = 0;
  transfer.rest(); // there is nobody to wait for
  for await (const piece of source.pieces()) {
    transfer.throwIfOver();
    hash.update(piece);
    bytes += piece.byteLength;
    tell({ phase: 'hashing', bytes, total: source.size });
  }
  await source.assertUnchanged();
  return hash.digest();
}

/** Sends the bytes, and once more without the question where a server does not even know it (417). */
async function send(
  connection: Connection,
  transfer: Transfer,
  claim: UploadClaim,
  source: Source,
  digest: string,
  tell: Tell,
): Promise<Stored> {
  const { size } = source;
  const attempt = (asks: boolean): Promise<Answer> => {
    const headers = { ...headersOf(claim, digest, size), ...(asks && { expect: '100-continue' }) };
    const call: Call = { method: 'PUT', path: artifactPath(claim.ref), headers };
    const sent = (bytes: number) => tell({ phase: 'sending', bytes, total: size });
    const use = (response: IncomingMessage, bodySent: boolean) =>
      asks && !bodySent && response.statusCode === 417
        ? Promise.resolve('expectation failed' as const)
        : answerOf(response, bodySent, transfer, claim, digest, size);
    return Exchange.run(connection, transfer, call, use, {
      pieces: verified(source, digest),
      size,
      asks,
      sent,
    });
  };
  let answer = await attempt(size > ASK_ABOVE_BYTES);
  if (answer === 'expectation failed') answer = await attempt(false);
  if (typeof answer === 'object') return { metadata: answer, alreadyStored: false };
  const expected = { ...namesOf(claim.ref), digest, size_bytes: size };
  return { metadata: await fetchMetadata(connection, transfer, claim.ref, expected), alreadyStored: true };
}

type Answer = ArtifactMetadata | 'identical' | 'expectation failed';

async function answerOf(
  response: IncomingMessage,
  bodySent: boolean,
  transfer: Transfer,
  claim: UploadClaim,
  digest: string,
  size: number,
): Promise<Answer> {
  const status = response.statusCode ?? 0;
  if (status === 201 && bodySent) {
    const { uploadedBy, provenanceSource, createdAt } = claim;
    const sent = { uploaded_by: uploadedBy, provenance_source: provenanceSource, created_at: createdAt };
    const expected = { ...namesOf(claim.ref), digest, size_bytes: size, ...sent };
    return metadataOf(await readJson(response, transfer), expected, status);
  }
  if (status >= 200 && status < 300) {
    throw badResponse(bodySent ? `is a ${status}, not a 201` : `is a ${status} before it had all bytes`, {
      status,
    });
  }
  const error = await errorOf(response, transfer);
  if (error.code === 'version_exists') return conflictOf(error, claim, digest);
  if (status !== 413 || error.code === 'artifact_too_large') throw error;
  const message = `${error.message} Something between here and Bucket does not take ${size} bytes: publish the artifact with \`bhiv publish\`, which splits it.`;
  throw new ArtifactError('artifact_too_large', message, { status, found: size });
}

/** A 409 is a success where it speaks of the very bytes that were sent (CONTRACT B1). */
function conflictOf({ details, status }: ArtifactError, { ref }: UploadClaim, digest: string): 'identical' {
  const { digest: stored, identical } = details;
  if (!isStoredDigest(stored) || identical !== (stored === digest)) {
    throw badResponse('is a 409 that contradicts itself', { status, details });
  }
  if (identical) return 'identical';
  const name = `${ref.bucketId}/${ref.artifactId} ${ref.version}`;
  const message = `${name} is stored already, with other bytes: it has the digest ${stored}, and these have ${digest}. Nothing was overwritten; upload them under another version.`;
  throw new ArtifactError('version_exists', message, { status, expected: digest, found: stored, details });
}

function headersOf(claim: UploadClaim, digest: string, size: number): Record<string, string> {
  const { ref, uploadedBy, provenanceSource, createdAt } = claim;
  return {
    accept: 'application/json',
    'content-type': 'application/octet-stream',
    'content-length': String(size),
    'x-artifact-version': ref.version,
    'x-artifact-digest': digest,
    'x-uploaded-by': octets(uploadedBy),
    'x-provenance-source': octets(provenanceSource),
    ...(createdAt !== undefined && { 'x-created-at': createdAt }),
  };
}

/** Text as the octets of its UTF-8, which is how a header carries it (CONTRACT B). */
function octets(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
