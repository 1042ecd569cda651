// Constants and types only: importing this entry loads neither Ajv nor a schema.
// `@bhiv/contracts/validators` has the checks, `@bhiv/contracts/schemas/*` the schemas themselves.
export { BUCKET_VERSION, CONTRACT_VERSION, DEFAULT_PORTS, REQUESTER_ID } from './constants.ts';
export { ERROR_STATUS } from './error-status.ts';
export type * from './generated/manifest-types.ts';
export type { ManifestSchemaName, SchemaName } from './generated/schema-names.ts';
export type * from './generated/types.ts';
