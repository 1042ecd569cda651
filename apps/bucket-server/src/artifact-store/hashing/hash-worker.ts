// A worker thread that computes SHA-256 digests over shared buffers.
import { createHash, type Hash } from 'node:crypto';
import { serve } from '../../threads/serve.ts';

const jobs = new Map<number, Hash>();

const functions = {
  update(job: number, bytes: Uint8Array): void {
    const hash = jobs.get(job) ?? createHash('sha256');
    jobs.set(job, hash.update(bytes));
  },
  digest(job: number): string {
    const hash = jobs.get(job) ?? createHash('sha256');
    jobs.delete(job);
    return hash.digest('hex');
  },
  drop(job: number): void {
    jobs.delete(job);
  },
};

export type HashFunctions = typeof functions;

serve(functions);
