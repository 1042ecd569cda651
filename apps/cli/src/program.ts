import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addAlias } from './commands/alias.ts';
import { addCompletion } from './commands/completion.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvents } from './commands/events.ts';
import { addFetch } from './commands/fetch.ts';
import { addGet } from './commands/get.ts';
import { addHead } from './commands/head.ts';
import { addHistory } from './commands/history.ts';
import { addLineage } from './commands/lineage.ts';
import { addLs } from './commands/ls.ts';
import { addPublish } from './commands/publish.ts';
import { addPut } from './commands/put.ts';
import { addReconcile } from './commands/reconcile.ts';
import { addSearch } from './commands/search.ts';
import { addShow } from './commands/show.ts';
import { addStats } from './commands/stats.ts';
import { addTag } from './commands/tag.ts';
import { addVerify } from './commands/verify.ts';
import { addVersions } from './commands/versions.ts';
import { examples } from './core/examples.ts';
import type { Io } from './core/io.ts';

const GROUPS = [
  { title: 'Files in Bucket:', add: [addPut, addGet, addVersions, addHead] },
  { title: 'Versions of models:', add: [addPublish, addFetch, addVerify] },
  {
    title: 'The registry:',
    add: [addLs, addShow, addHistory, addSearch, addAlias, addTag, addLineage, addReconcile],
  },
  { title: 'Services:', add: [addEvents, addStats, addDoctor] },
  { title: 'This command:', add: [addCompletion] },
] as const;

/** The whole command line. Nothing is done before it parses one; what is wrong is thrown. */
export function buildProgram(io: Io): Command {
  const program = new Command('bhiv')
    .description('Artifacts in BHIV Bucket, the registry that knows them, and the services behind them.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--url <url>', 'where Bucket is (BHIV_BUCKET_URL, BUCKET_URL; default: http://127.0.0.1:8001)')
    .option('--registry <file>', 'the SQLite file of the registry (BHIV_REGISTRY)')
    .option('--token-file <file>', 'the bearer token for a gateway, in a file (BHIV_TOKEN_FILE)')
    .option('--token <token>', 'the token itself (BHIV_TOKEN); others on this machine may see a command line')
    .option('--ca <file>', 'certificates to trust, PEM (BHIV_CA)')
    .option('--cert <file>', 'client certificate, PEM (BHIV_CERT)')
    .option('--key <file>', 'its key, PEM (BHIV_KEY)')
    .option('--config <file>', 'the config file (BHIV_CONFIG; default: ~/.config/bhiv/config.json)')
    .option('--json', 'print one JSON document; errors too, on stderr')
    .option('-q, --quiet', 'print no progress, no warnings, and nothing of what was done')
    .option('--debug', 'print where settings come from, and the stack of an error')
    .helpCommand('help [command]', 'print help of a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      // reported like all errors, where the program was started
      outputError: () => undefined,
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .exitOverride()
    .addHelpText(
      'after',
      examples(
        'bhiv put ./run-47/model.safetensors prod-models/llama-3-8b@v3.1.0 --by trainer-7 --source run-47',
        'bhiv publish ./run-47 llama-3-8b@v3.1.0 --bucket prod-models --alias staging',
        'bhiv alias set llama-3-8b production v3.1.0 --expect v3.0.0',
        'bhiv fetch llama-3-8b:production ./serve',
      ),
    );
  for (const { title, add } of GROUPS) {
    program.commandsGroup(title);
    for (const addCommand of add) addCommand(program, io);
  }
  return program;
}

function version(): string {
  // our own package.json has one
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
