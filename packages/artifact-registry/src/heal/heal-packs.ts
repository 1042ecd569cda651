import { isAboutThePack } from '../fetch/problem.ts';
import { readRange } from '../fetch/read-range.ts';
import type { Verification } from '../fetch/verification.ts';
import { type Pack, packVersion, type Tree } from '../manifest/tree.ts';
import { sha256 } from '../sha256.ts';
import type { Host } from '../thread/host.ts';
import { codeOf } from '../transfer-error.ts';
import { rebuiltPack } from './rebuild-pack.ts';

/** A pack that was damaged and is right again. */
export interface HealedPack {
  readonly artifactId: string;
  readonly version: string;
  readonly digest: string;
  readonly size: number;
  /** The version under which its bytes were uploaded once more. */
  readonly healedBy: string;
}

/** So often one pack is healed, each time under a version of its own. */
const MAX_HEALINGS = 100;

/**
 * Heals the packs that were found to be wrong, as far as the files of the source have what Bucket has lost. A version
 * never changes, so its bytes cannot be sent again under its own name; but Bucket keeps bytes by their digest, and has
 * the right ones for every version of them once they came under another one. Whether it has is read back.
 */
export async function healPacks(
  tree: Tree,
  verification: Verification,
  source: string,
  host: Host<never>,
): Promise<HealedPack[]> {
  const healed: HealedPack[] = [];
  for (const number of verification.damagedPacks) {
    const pack = tree.packs[number];
    const bytes = await rebuiltPack(tree, number, source, host);
    if (pack === undefined || bytes === undefined) continue;
    const healedBy = await uploadAgain(pack, bytes, host);
    if (healedBy === undefined || !(await isRight(pack, bytes.byteLength, host))) continue;
    const { artifactId, version, digest } = pack;
    healed.push({ artifactId, version, digest, size: bytes.byteLength, healedBy });
    verification.forget(number);
  }
  return healed;
}

/** Whether a version is one that only heals: it has the same bytes as another one, under the same artifact_id. */
export function isHealingVersion(version: string): boolean {
  return /^sha256-[0-9a-f]{64}\.healed-\d+$/.test(version);
}

/** The version that the bytes are stored under now; undefined where none is free. */
async function uploadAgain(pack: Pack, source: Uint8Array, host: Host<never>): Promise<string | undefined> {
  const { artifactId, digest } = pack;
  const upload = { artifactId, digest, size: source.byteLength, source };
  if ((await host.head(pack)) === null) {
    await host.upload({ ...upload, version: pack.version }); // it is not damaged but gone
    return pack.version;
  }
  for (let number = 1; number <= MAX_HEALINGS; number += 1) {
    const version = `${packVersion(digest)}.healed-${number}`;
    if (await isStoredAnew({ ...upload, version }, host)) return version;
  }
  return undefined;
}

async function isStoredAnew(
  upload: Parameters<Host<never>['upload']>[0],
  host: Host<never>,
): Promise<boolean> {
  try {
    return !(await host.upload(upload)).alreadyStored;
  } catch (error) {
    if (codeOf(error) === 'version_exists') return false; // somebody has taken its name
    throw error;
  }
}

async function isRight(pack: Pack, size: number, host: Host<never>): Promise<boolean> {
  try {
    const bytes = await readRange(host, pack, { start: 0, end: size });
    const found = sha256(bytes);
    host.release(bytes);
    return found === pack.digest;
  } catch (error) {
    if (isAboutThePack(codeOf(error))) return false;
    throw error;
  }
}
