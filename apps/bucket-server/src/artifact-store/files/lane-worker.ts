// A worker thread that is a lane.
import { serveCalls } from '../threads/serve-calls.ts';
import { laneFunctions } from './lane-functions.ts';

export type LaneFunctions = typeof laneFunctions;

serveCalls(laneFunctions);
