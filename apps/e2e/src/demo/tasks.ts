import { createHash } from 'node:crypto';
import type { Readme } from './documents.ts';

/** The body of a `POST /handle_task`. */
export type Task = { input: string; agent?: string; input_type?: string; tags?: string[] };

/** The ways in which people ask; most leave the choice of agent to Core. */
const FORMS: readonly ((readme: Readme) => Task)[] = [
  ({ text }) => ({ input: text, input_type: 'markdown' }),
  ({ text }) => ({ input: text, input_type: 'markdown' }),
  ({ text }) => ({ input: text, input_type: 'markdown', tags: ['read'] }),
  ({ text }) => ({ input: text, input_type: 'markdown', tags: ['short', 'summary'] }),
  ({ text }) => ({ input: text, input_type: 'markdown', agent: 'outline' }),
  ({ text }) => ({ input: text, input_type: 'markdown', tags: ['related'] }),
  ({ text }) => ({ input: text }),
  (readme) => ({ input: questionAbout(readme), input_type: 'query' }),
];

/** `count` tasks over the READMEs in turn; the seed says which is asked in which way. */
export function tasksOver(readmes: readonly Readme[], count: number, seed: string): Task[] {
  return Array.from({ length: count }, (_, index) => {
    const readme = readmes[index % readmes.length];
    const form = FORMS[draw(seed, index) % FORMS.length];
    if (readme === undefined || form === undefined)
      throw new Error('No README of an installed package was found');
    return form(readme);
  });
}

/** The README's title and first line of prose, as a question. */
function questionAbout({ text }: Readme): string {
  const lines = text.split('\n').map((line) => line.replace(/[#*`[\]]/g, '').trim());
  const [title = '', about = ''] = lines.filter((line) => /^\w/.test(line));
  return `What can I use for this: ${title}, ${about.slice(0, 200)}?`;
}

function draw(seed: string, index: number): number {
  return createHash('sha256').update(`${seed} ${index}`).digest().readUInt32BE(0);
}
