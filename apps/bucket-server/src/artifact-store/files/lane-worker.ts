// A worker thread that is a lane.
import { serve } from '../../threads/serve.ts';
import { laneFunctions } from './lane-functions.ts';

export type LaneFunctions = typeof laneFunctions;

serve(laneFunctions);
