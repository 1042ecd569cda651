import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from './run.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const PNPM = 'pnpm@12.21.0';

/** The packages that people install, and where they live. */
const PACKAGES = {
  contracts: 'packages/contracts',
  client: 'packages/bucket-client',
  registry: 'packages/artifact-registry',
  server: 'apps/bucket-server',
  cli: 'apps/cli',
} as const;

export type Tarballs = Readonly<Record<keyof typeof PACKAGES, string>>;

/** Packs the built packages into `folder`, as they would be published. */
export async function packAll(folder: string): Promise<Tarballs> {
  const pack = async (path: string) => {
    const destination = join(folder, path.replaceAll('/', '-'));
    await mkdir(destination);
    const args = ['--yes', PNPM, 'pack', '--pack-destination', destination];
    await mustRun('npx', args, { cwd: join(ROOT, path) });
    const [tarball] = await readdir(destination);
    if (tarball === undefined) throw new Error(`${path} was packed to nothing`);
    return join(destination, tarball);
  };
  return {
    contracts: await pack(PACKAGES.contracts),
    client: await pack(PACKAGES.client),
    registry: await pack(PACKAGES.registry),
    server: await pack(PACKAGES.server),
    cli: await pack(PACKAGES.cli),
  };
}

/** Makes an empty project and installs `what` (tarballs, names) into it, as a person would. */
export async function installInto(folder: string, what: readonly string[]): Promise<void> {
  await mkdir(folder);
  const project = { name: 'a-project', version: '1.0.0', private: true };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project));
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...what];
  await mustRun('npm', args, { cwd: folder, env: headersOfNode() });
}

/** node-gyp finds the headers beside this Node, where they are, instead of downloading them. */
function headersOfNode(): Record<string, string> {
  const home = dirname(dirname(process.execPath));
  return existsSync(join(home, 'include', 'node')) ? { npm_config_nodedir: home } : {};
}
