// A worker thread that is a lane.
import { serveCalls } from '../threads/serve-calls.ts';
import { laneFunctions } from './lane-functions.ts';

serveCalls(laneFunctions);
