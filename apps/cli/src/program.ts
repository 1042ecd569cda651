import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { examples } from './core/examples.ts';
import type { Io } from './core/io.ts';

/** Adds a command, and what it can do, to the program. */
type AddCommand = (program: Command, io: Io) => void;

interface Group {
  readonly title: string;
  /** By name, each loaded when it is needed: together they need every library. */
  readonly commands: Readonly<Record<string, () => Promise<AddCommand>>>;
}

const GROUPS: readonly Group[] = [
  {
    title: 'Files in Bucket:',
    commands: {
      put: async () => (await import('./commands/put.ts')).addPut,
      get: async () => (await import('./commands/get.ts')).addGet,
      versions: async () => (await import('./commands/versions.ts')).addVersions,
      head: async () => (await import('./commands/head.ts')).addHead,
    },
  },
  {
    title: 'Versions of models:',
    commands: {
      publish: async () => (await import('./commands/publish.ts')).addPublish,
      fetch: async () => (await import('./commands/fetch.ts')).addFetch,
      verify: async () => (await import('./commands/verify.ts')).addVerify,
    },
  },
  {
    title: 'The registry:',
    commands: {
      ls: async () => (await import('./commands/ls.ts')).addLs,
      show: async () => (await import('./commands/show.ts')).addShow,
      history: async () => (await import('./commands/history.ts')).addHistory,
      search: async () => (await import('./commands/search.ts')).addSearch,
      alias: async () => (await import('./commands/alias.ts')).addAlias,
      tag: async () => (await import('./commands/tag.ts')).addTag,
      lineage: async () => (await import('./commands/lineage.ts')).addLineage,
      reconcile: async () => (await import('./commands/reconcile.ts')).addReconcile,
    },
  },
  {
    title: 'Services:',
    commands: {
      events: async () => (await import('./commands/events.ts')).addEvents,
      stats: async () => (await import('./commands/stats.ts')).addStats,
      doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
    },
  },
  {
    title: 'This command:',
    commands: {
      completion: async () => (await import('./commands/completion.ts')).addCompletion,
    },
  },
];

/**
 * The program that parses these arguments; what is wrong with them it throws. Where they name one command, no other is
 * in it; where they name none or several, all are: for help, for suggestions, and for a file that is called like one.
 */
export async function buildProgram(io: Io, args: readonly string[]): Promise<Command> {
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
    .option('-q, --quiet', 'print neither progress nor warnings, nor what was done')
    .option('--debug', 'print where settings come from, and the stack of an error')
    .configureHelp({ showGlobalOptions: true, subcommandTerm: termOf })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // help where a command is missing; with --json that is an error like all
      writeErr: (text) => void (args.includes('--json') || io.stderr.write(text)),
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
  const named = GROUPS.flatMap(({ commands }) => Object.keys(commands)).filter((name) => args.includes(name));
  const isWanted = (name: string) => named.length !== 1 || named[0] === 'completion' || named[0] === name;
  for (const { title, commands } of GROUPS) {
    program.commandsGroup(title);
    for (const [name, load] of Object.entries(commands)) if (isWanted(name)) (await load())(program, io);
  }
  return program.helpCommand('help [command]', 'print help of a command');
}

/** A command in the list of all: its name and what it takes. */
function termOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...words].join(' ');
}

function version(): string {
  // our own package.json has one
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
