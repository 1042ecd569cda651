/** What the snapshots of the selection are called: the logical id in the registry, and the artifact_id in Bucket. */
export const SELECTOR = 'core-selector';
