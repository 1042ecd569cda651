import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { BlackHoleMessage } from './black-hole-worker.ts';
import type { FaultServer } from './fault-server.ts';
import type { Arrival } from './well-bucket.ts';

/** How long a loopback connect may take before the port counts as a black hole (it takes less than 1 ms). */
const UNANSWERED_MS = 250;

/**
 * A port whose SYN packets get no answer: neither an acceptance nor a reset. A thread listens with the
 * shortest backlog and blocks, so it never accepts; our own connections fill the backlog; from then on the
 * kernel drops every SYN. Needs no privileges. Healing wakes the thread, and the kernel takes SYNs again.
 */
export async function startBlackHole(): Promise<FaultServer> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const arrivals: Arrival[] = [];
  const ownPorts = new Set<number>();
  const worker = new Worker(new URL('../../dist/faults/black-hole-worker.js', import.meta.url), {
    workerData: gate,
  });
  const port = await new Promise<number>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: BlackHoleMessage) => {
      if ('port' in message) resolve(message.port);
      else if ('arrival' in message) arrivals.push(message.arrival);
    });
  });
  let fillers = await fillBacklog(port, ownPorts);

  const empty = () => {
    for (const filler of fillers) filler.destroy();
    fillers = [];
  };
  const open = () => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  return {
    url: `http://127.0.0.1:${port}`,
    sockets: undefined,
    arrivals,
    ownPorts,
    stray: () => 0,
    async heal() {
      empty();
      open();
    },
    async fail() {
      Atomics.store(gate, 0, 0);
      const blocked = waitForBlock(worker);
      worker.postMessage('block');
      await blocked;
      fillers = await fillBacklog(port, ownPorts);
    },
    async stop() {
      empty();
      open();
      await worker.terminate();
    },
  };
}

function waitForBlock(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const listener = (message: BlackHoleMessage) => {
      if (!('blocked' in message)) return;
      worker.off('message', listener);
      resolve();
    };
    worker.on('message', listener);
  });
}

/** Connects until a connect stays unanswered; throws where the port never turns into a black hole. */
async function fillBacklog(port: number, ownPorts: Set<number>): Promise<Socket[]> {
  const fillers: Socket[] = [];
  for (let attempt = 0; attempt < 16; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    const answered = await Promise.race([
      once(socket, 'connect').then(() => true),
      sleep(UNANSWERED_MS, false),
    ]);
    if (!answered) {
      socket.destroy();
      return fillers;
    }
    fillers.push(socket);
    if (socket.localPort !== undefined) ownPorts.add(socket.localPort);
  }
  for (const filler of fillers) filler.destroy();
  throw new Error('this kernel answers SYN packets although the backlog is full: no black hole here');
}
