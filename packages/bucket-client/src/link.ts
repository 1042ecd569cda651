import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Sender } from './sender/sender.ts';
import type { FromSender, SenderConfig, ToSender } from './shared/messages.ts';

/** The caller's end of a running sender, wherever that runs. */
export interface SenderLink {
  post(message: ToSender): void;
  /** Whether this link keeps the process alive. */
  hold(held: boolean): void;
  /** Ends the sender and its sockets. Resolved, it counts nothing any more. */
  stop(): Promise<unknown>;
}

export interface LinkEvents {
  message(message: FromSender): void;
  /** The sender is gone and did not say goodbye. */
  died(): void;
}

/** The worker's own heap: enough for what is in flight, so that a flood of answers ends the worker, not Core. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

/** Starts a sender in a worker thread. Throws where the process may not have one. */
export function startWorker(
  config: SenderConfig,
  workerUrl: URL | undefined,
  events: LinkEvents,
): SenderLink {
  const worker = new Worker(workerUrl ?? new URL('./sender/worker.js', import.meta.url), {
    name: 'bhiv-bucket-client',
    workerData: config,
    execArgv: [],
    resourceLimits: LIMITS,
  });
  let gone = false;
  const died = () => {
    if (gone) return;
    gone = true;
    events.died();
  };
  worker.on('message', events.message);
  worker.on('error', died);
  worker.on('exit', died);
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    hold: (held) => (held ? worker.ref() : worker.unref()),
    stop: () => {
      gone = true;
      return worker.terminate();
    },
  };
}

/** Starts the same sender on the caller's own thread, behind the same kind of port. */
export function startInThread(config: SenderConfig, events: LinkEvents): SenderLink {
  const { port1, port2 } = new MessageChannel();
  port1.on('message', events.message);
  port1.unref();
  const connected = connectSender(port2, config);
  connected.catch(events.died); // the package is broken, or memory is gone
  return {
    post: (message) => port1.postMessage(message),
    hold: (held) => (held ? port1.ref() : port1.unref()),
    stop: () => {
      port1.close();
      return connected.then(
        (sender) => sender.receive({ type: 'close' }),
        () => undefined, // reported above
      );
    },
  };
}

async function connectSender(port: MessagePort, config: SenderConfig): Promise<Sender> {
  const { Sender } = await import('./sender/sender.ts');
  const sender = new Sender(port, config);
  port.on('message', (message: ToSender) => sender.receive(message));
  port.unref();
  return sender;
}
