import type { ArtifactTransport } from '@bhiv/artifact-registry';

/** A way to Bucket that counts which packs a publish finds there, of an upload that was cut off. */
export class WatchedTransport implements ArtifactTransport {
  /** In bytes. */
  bytesFound = 0;
  readonly uploadArtifact: ArtifactTransport['uploadArtifact'];
  readonly readArtifact: ArtifactTransport['readArtifact'];
  readonly listVersions: ArtifactTransport['listVersions'];
  readonly #transport: ArtifactTransport;
  readonly #packArtifactId: string;

  constructor(transport: ArtifactTransport, packArtifactId: string) {
    this.uploadArtifact = (...call) => transport.uploadArtifact(...call);
    this.readArtifact = (...call) => transport.readArtifact(...call);
    this.listVersions = (...call) => transport.listVersions(...call);
    this.#transport = transport;
    this.#packArtifactId = packArtifactId;
  }

  async headArtifact(...[ref, options]: Parameters<ArtifactTransport['headArtifact']>) {
    const stored = await this.#transport.headArtifact(ref, options);
    if (stored !== null && ref.artifactId === this.#packArtifactId) this.bytesFound += stored.size_bytes;
    return stored;
  }
}
