import { once } from 'node:events';
import { createServer } from 'node:net';
import { StepFailed } from './step.mjs';

/** Why a server cannot listen there, as a sentence that says what to do; undefined when it can. */
export async function whyNotListen(host, port, variable) {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      return `Port ${port} on ${host} is in use by another program; stop it, or set ${variable} to a free port`;
    }
    return `Nothing can listen on ${host} port ${port} (${error.message}); set ${variable} to another port`;
  }
  server.close();
  await once(server, 'close');
  return undefined;
}

/** The port that an environment variable names, or the usual one. Throws `StepFailed` for anything but 1 to 65535. */
export function portOf(variable, usual, env = process.env) {
  const value = env[variable] || String(usual);
  if (!/^\d+$/.test(value) || Number(value) < 1 || Number(value) > 65_535) {
    throw new StepFailed('start', 1, `${variable} is "${value}"; give a port from 1 to 65535`);
  }
  return Number(value);
}
