import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { numberAt, type Soak } from './soak.ts';

const PACKAGE = fileURLToPath(new URL('../../../../packages/artifact-registry/', import.meta.url));
const JEST = fileURLToPath(new URL('../../../../node_modules/jest/bin/jest.js', import.meta.url));

/** The registry's own tests of killed processes and of properties, so many times. */
export const registry: Soak = {
  name: 'registry',
  usage: '[kills] [MiB of a transfer] [runs of a property]',
  async run({ dataDir, args, tell }) {
    const env = {
      BHIV_REGISTRY_ROUNDS: '50',
      BHIV_REGISTRY_KILLS: String(numberAt(args, 0, 1_000)),
      BHIV_TRANSFER_MIB: String(numberAt(args, 1, 1_024)),
      BHIV_REGISTRY_RUNS: String(numberAt(args, 2, 1_000)),
    };
    tell(
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    );
    const tests = ['test/processes', 'test/registry/properties', 'test/publish/round-trip'];
    const flags = ['--experimental-vm-modules', '--no-warnings', JEST, '--maxWorkers=1', '--verbose'];
    const jest = spawn(process.execPath, [...flags, ...tests], {
      cwd: PACKAGE,
      env: { ...process.env, ...env, TMPDIR: dataDir },
      stdio: 'inherit',
    });
    const [code, signal] = await once(jest, 'exit');
    return code === 0 ? [] : [`the tests of the registry ended with ${code ?? signal}`];
  },
};
