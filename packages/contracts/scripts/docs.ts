// Fills the generated blocks of docs/contract.md from the schemas and the vectors of the newest version, and those of
// docs/manifest.md from those of the manifest.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkAcceptedEvent } from '@bhiv/contracts/validators';
import { errorRows } from './lib/error-table.ts';
import { fieldRows, firstSentence, meaning, typeText } from './lib/fields.ts';
import { formatVersions, packageFolder, schemaVersions, writeOrCheck } from './lib/files.ts';
import { code, fillBlocks, jsonBlock, table } from './lib/markdown.ts';
import { ROLES } from './lib/roles.ts';
import { isObject, type JsonObject, loadSchemas } from './lib/schemas.ts';

type Vector = { description: string; data: unknown; valid: boolean };
type TextVector = { description: string; text: string; valid: boolean; error?: string };

const version = schemaVersions().at(-1) ?? '';
const schemas = new Map([version, ...formatVersions()].flatMap((name) => [...loadSchemas(name)]));

const BLOCKS: Readonly<Record<string, (...args: string[]) => string>> = {
  fields: (name) => table(['field', 'type', 'required', 'meaning'], fieldRows(schemaOf(name), schemas)),
  example: (name, index = '0') => jsonBlock(examplesOf(name)[Number(index)]),
  rows: (...names) =>
    table(
      ['event_type', 'required', 'typed when present'],
      names.map((name) => eventRow(schemaOf(name))),
    ),
  rules: (...names) =>
    table(
      ['name', 'rule'],
      names.map((name) => [`\`${name}\``, meaning(schemaOf(name), schemas)]),
    ),
  errors: () => table(['status', 'code', 'when'], errorRows()),
  habits: () => table(['what old clients send', 'an event that Bucket takes'], habits()),
  texts: () =>
    table(
      ['body', 'answer'],
      vectorsOf<TextVector>('text/write-event-request').map(({ description, text, error }) => [
        `${description}: ${code(text)}`,
        error ? code(error) : 'taken',
      ]),
    ),
  refusals: () => table(['event_data', 'message'], refusals()),
  schemas: () =>
    table(
      ['schema', 'role', 'what it is'],
      [...loadSchemas(version)].map(([name, schema]) => [
        `\`${name}.json\``,
        ROLES[name] ?? '',
        firstSentence(meaning(schema, schemas)),
      ]),
    ),
};

function schemaOf(name = ''): JsonObject {
  const schema = schemas.get(name);
  if (schema === undefined) throw new Error(`there is no schema ${name}`);
  return schema;
}

function examplesOf(name = ''): unknown[] {
  const { examples } = schemaOf(name);
  if (!Array.isArray(examples)) throw new Error(`${name} has no examples`);
  return examples;
}

function vectorsOf<T>(name: string): T[] {
  return JSON.parse(readFileSync(join(packageFolder, 'vectors', version, `${name}.json`), 'utf8'));
}

/** A row of the table of events: its type, the fields it requires, those it types when they are there. */
function eventRow(schema: JsonObject): string[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const { event_type: type, ...fields } = properties;
  const typed = Object.entries(fields).map(([name, field]) => [name, fieldText(name, field)] as const);
  const isRequired = (name: string) => Array.isArray(schema.required) && schema.required.includes(name);
  const kind = isObject(type) && type.const !== undefined ? code(String(type.const)) : 'any other string';
  const list = (wanted: boolean) =>
    typed.flatMap(([name, text]) => (isRequired(name) === wanted ? [text] : [])).join(', ');
  return [kind, list(true) || 'nothing more', list(false) || 'nothing more'];
}

function fieldText(name: string, field: unknown): string {
  if (!isObject(field as JsonObject)) return `\`${name}\``;
  const schema = field as JsonObject; // found to be one in the line above
  if (!isObject(schema.properties)) return `\`${name}\`: ${typeText(schema, schemas)}`;
  const inside = Object.entries(schema.properties).map(([inner, part]) => fieldText(inner, part));
  return `\`${name}\` {${inside.join(', ')}}`;
}

function habits(): string[][] {
  return vectorsOf<Vector>('event-data')
    .filter(({ description }) => description.includes('old client: '))
    .map(({ description, data }) => [description.replace('old client: ', ''), code(JSON.stringify(data))]);
}

/** One refusal for each kind of mistake that the vectors of rl_outcome know, with the message that Bucket gives. */
function refusals(): string[][] {
  return vectorsOf<Vector>('event-data')
    .filter(({ valid, description }) => !valid && description.startsWith('rl_outcome: '))
    .map(({ data }) => [code(JSON.stringify(data)), checkAcceptedEvent(data)[0]?.message ?? '']);
}

for (const name of ['contract.md', 'manifest.md']) {
  const path = join(packageFolder, '../../docs', name);
  writeOrCheck(
    path,
    fillBlocks(readFileSync(path, 'utf8'), (block, args) => {
      const render = BLOCKS[block];
      if (render === undefined)
        throw new Error(`docs/${name} asks for ${block}, which is none of ${Object.keys(BLOCKS)}`);
      return render(...args);
    }),
  );
}
