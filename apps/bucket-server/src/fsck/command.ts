import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { codeOf, messageOf } from '../error-words.ts';
import { DAMAGE, type Finding } from './finding.ts';
import { type Output, ProgressLine } from './progress-line.ts';
import { type FsckReport, runFsck } from './run-fsck.ts';

const FSCK_HELP = `bucket-server fsck: reads every stored artifact and says what is wrong

Usage: bucket-server fsck [--remove-orphans] [--json] [--help]

  --remove-orphans  removes blobs that no artifact has; only while no Bucket runs
  --json            one JSON object a line: every finding, then the summary

The data folder is that of BUCKET_DATA_DIR (./data where it is not set). Without --remove-orphans nothing is changed,
and a Bucket may run meanwhile. Findings and the summary go to standard output, progress to standard error.

Exit status: 0 all is well (orphans and foreign files are told, and harmless), 1 damage was found, 2 it could not run,
or has kept orphans that it was to remove. Where nobody reads its output any more, it checks on and says nothing.
`;

export type FsckCommand = {
  /** What stands after `fsck` on the command line. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
};

/** Runs `bucket-server fsck`. Resolves with the exit status and never rejects. */
export async function fsckCommand({ args, env, stdout, stderr }: FsckCommand): Promise<number> {
  const progress = new ProgressLine(stderr);
  const lost = [stdout, stderr].map(watchForErrors);
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        'remove-orphans': { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      stdout.write(FSCK_HELP);
      return 0;
    }
    const show = values.json === true ? asJson : asText;
    const report = await runFsck({
      folder: resolve(env.BUCKET_DATA_DIR?.trim() || './data'),
      removeOrphans: values['remove-orphans'] === true,
      onFinding: (finding) => {
        progress.clear();
        stdout.write(show.finding(finding));
      },
      onProgress: (state) => progress.show(state),
    });
    progress.clear();
    stdout.write(show.summary(report));
    await nextTurn(); // an error of the last write comes by then
    const unwritten = lost[0]?.first;
    if (unwritten !== undefined && codeOf(unwritten) !== 'EPIPE')
      throw new Error(`Its output could not be written: ${messageOf(unwritten)}`);
    if (isDamaged(report)) return 1;
    return report.keptOrphans === null ? 0 : 2;
  } catch (error) {
    progress.clear();
    const usage = codeOf(error)?.startsWith('ERR_PARSE_ARGS') ? `\n\n${FSCK_HELP}` : '';
    stderr.write(`bucket-server fsck could not run. ${messageOf(error)}${usage}\n`);
    return 2;
  }
}

/**
 * Without a listener an output that fails ends the process, with the status that means damage. One whose reader has
 * gone (EPIPE, as of `fsck | head`) is no failure of ours.
 */
function watchForErrors(output: Output): { first?: unknown } {
  const found: { first?: unknown } = {};
  output.on?.('error', (error) => {
    found.first ??= error;
  });
  return found;
}

function isDamaged({ found }: FsckReport): boolean {
  return DAMAGE.some((kind) => (found[kind] ?? 0) > 0);
}

const asJson = {
  finding: (finding: Finding) => `${JSON.stringify(finding)}\n`,
  summary: (report: FsckReport) =>
    `${JSON.stringify({ kind: 'summary', damaged: isDamaged(report), ...report })}\n`,
};

const asText = {
  finding: ({ kind, path, message }: Finding) => `${kind} ${path}: ${message}\n`,
  summary: (report: FsckReport) => {
    const { blobs, bytes, artifacts, found, besideBucket, keptOrphans } = report;
    const counts = Object.entries(found).map(([kind, count]) => `${count} ${kind}`);
    const notes = [
      besideBucket ? 'A Bucket runs: what it is storing just now was left out.\n' : '',
      keptOrphans === null
        ? ''
        : `No orphan was removed: ${keptOrphans}, and the bytes may be those of an artifact. Mend that first.\n`,
    ];
    const verdict = isDamaged(report) ? 'DAMAGED' : 'clean';
    return `${notes.join('')}${artifacts} artifacts, ${blobs} blobs, ${bytes} bytes read: ${verdict}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}\n`;
  },
};
