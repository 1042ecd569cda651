// Asks for one path again and again, and tells how long the answers took (ms).
import { Connection, getRequest } from '../load/connection.ts';
import { perform, type Task } from '../processes/child.ts';

export interface Listing {
  /** From the request to the first byte of the body, and to the last one. */
  readonly first: number;
  readonly all: number;
  readonly bytes: number;
}

export type Listings = Task<
  { readonly url: string; readonly path: string; readonly times: number },
  Listing[]
>;

await perform<Listings>(async ({ url, path, times }) => {
  const connection = await Connection.open(url);
  const listings: Listing[] = [];
  for (let time = 0; time < times; time++) {
    const start = performance.now();
    const status = await connection.exchange(getRequest(path));
    if (status !== 200) throw new Error(`${url}${path} answered ${status}`);
    const { bodyBeganAt, bodyBytes } = connection.answer;
    listings.push({ first: bodyBeganAt - start, all: performance.now() - start, bytes: bodyBytes });
  }
  return listings;
});
