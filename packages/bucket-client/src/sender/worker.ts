/** The entry of the worker thread: nothing but the sender lives here. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SenderConfig, ToSender } from '../shared/messages.ts';
import { Sender } from './sender.ts';

// p-timeout makes an error for every deadline that it sets; nobody reads the stacks of this thread
Error.stackTraceLimit = 0;

if (parentPort !== null) {
  const sender = new Sender(parentPort, workerData as SenderConfig); // made by link.ts, by structured clone
  parentPort.on('message', (message: ToSender) => sender.receive(message));
}
