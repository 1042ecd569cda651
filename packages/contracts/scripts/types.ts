// Writes src/generated/types.ts and manifest-types.ts: one TypeScript type for each schema of the newest version of the
// contract and of the manifest, named by its title.
import { join } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import { formatVersions, packageFolder, schemaVersions, writeOrCheck } from './lib/files.ts';
import { isObject, type Json, type JsonObject, loadSchemas } from './lib/schemas.ts';

type Schemas = ReadonlyMap<string, JsonObject>;

/** The branches of an if/then/else chain over event_type: the generator does not know `if`, a union says it all. */
function branches(schema: JsonObject): JsonObject[] {
  const { then: yes, else: no } = schema;
  if (!isObject(yes) || !isObject(no))
    throw new Error('an `if` needs a `then` and an `else` to become a union');
  return [yes, ...('if' in no ? branches(no) : [no])];
}

function titleOf(name: string, schemas: Schemas): string {
  const title = schemas.get(name)?.title;
  if (typeof title !== 'string') throw new Error(`${name}.json is missing or has no title`);
  return title;
}

/** The same schema in the form that the generator takes: local references only, unions for if-chains. */
function prepare(schema: Json, schemas: Schemas): Json {
  if (!isObject(schema)) return schema;
  if (typeof schema.$ref === 'string') {
    return { $ref: `#/definitions/${titleOf(schema.$ref.replace(/\.json$/, ''), schemas)}` };
  }
  const { $id, $schema, examples, ...rest } = schema;
  if (rest.if !== undefined) {
    const { title = null, description = null } = rest;
    return { title, description, anyOf: branches(schema).map((branch) => prepare(branch, schemas)) };
  }
  if (Object.keys(rest).every((keyword) => keyword === 'description')) {
    return { ...rest, tsType: 'unknown' }; // lets everything through; the generator would call it an object
  }
  return Object.fromEntries(
    Object.entries(rest).map(([keyword, value]) => [keyword, prepareInside(keyword, value, schemas)]),
  );
}

function prepareInside(keyword: string, value: Json, schemas: Schemas): Json {
  if (keyword === 'properties' && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, prepare(field, schemas)]));
  }
  if (keyword === 'anyOf' && Array.isArray(value)) return value.map((branch) => prepare(branch, schemas));
  return keyword === 'items' || keyword === 'additionalProperties' ? prepare(value, schemas) : value;
}

async function typesOf(version: string, schemas: Schemas): Promise<string> {
  const definitions = Object.fromEntries(
    [...schemas].map(([name, schema]) => [titleOf(name, schemas), prepare(schema, schemas)]),
  );
  const types = await compile(
    // The parameter is typed for draft 4; the generator itself takes any JSON object.
    { definitions } as Parameters<typeof compile>[0],
    'Root',
    {
      bannerComment: `// Generated from schemas/${version}/*.json by \`npm run generate\`: do not edit.`,
      ignoreMinAndMaxItems: true,
      unreachableDefinitions: true,
      style: { singleQuote: true, printWidth: 110 },
    },
  );
  // The generator speaks of the root that holds the definitions; there is none here.
  return types
    .replace(
      / \*\n \* This interface was referenced by `Root`'s JSON-Schema\n \* via the `definition` "\w+"\.\n/g,
      '',
    )
    .replace('export interface Root {\n  [k: string]: unknown;\n}\n', '');
}

function listOf(names: Iterable<string>): string {
  return `[\n${[...names].map((name) => `  '${name}',`).join('\n')}\n] as const`;
}

const version = schemaVersions().at(-1);
const manifest = formatVersions()
  .filter((name) => name.startsWith('manifest-'))
  .at(-1);
if (version === undefined || manifest === undefined)
  throw new Error('there is no schemas/v<major>.<minor> or schemas/manifest-v<number> folder');
const schemas = loadSchemas(version);
const manifestSchemas = loadSchemas(manifest);

const generated = join(packageFolder, 'src/generated');
writeOrCheck(join(generated, 'types.ts'), await typesOf(version, schemas));
writeOrCheck(join(generated, 'manifest-types.ts'), await typesOf(manifest, manifestSchemas));
writeOrCheck(
  join(generated, 'schema-names.ts'),
  `// Generated from the names of schemas/${version}/*.json and schemas/${manifest}/*.json by \`npm run generate\`: do not edit.

/** The version of the schemas that the types and the checks are made from. */
export const SCHEMA_VERSION = '${version}';

/** The schemas of ${version}: each is the name of a file in schemas/${version}, without \`.json\`. */
export const SCHEMA_NAMES = ${listOf(schemas.keys())};

export type SchemaName = (typeof SCHEMA_NAMES)[number];

/** The version of the manifest that the types and the checks are made from. */
export const MANIFEST_VERSION = '${manifest}';

/** The schemas of the manifest: each is the name of a file in schemas/${manifest}, without \`.json\`. */
export const MANIFEST_SCHEMA_NAMES = ${listOf(manifestSchemas.keys())};

export type ManifestSchemaName = (typeof MANIFEST_SCHEMA_NAMES)[number];
`,
);
