/*
 * TextRank for sentence extraction: Mihalcea and Tarau, "TextRank: Bringing Order into Texts", EMNLP 2004.
 * Sentences are the nodes of a graph; an edge weighs how much two sentences have in common; PageRank's
 * power iteration then says which sentences the text itself recommends.
 */

/** The paper's damping factor: the chance to follow an edge rather than to jump to any sentence. */
const DAMPING = 0.85;
/** Iteration ends when no rank moves by more than this, or after MAX_ITERATIONS. */
const TOLERANCE = 1e-6;
const MAX_ITERATIONS = 100;

/**
 * The rank of each sentence, given its distinct words. Ranks sum to 1.
 * Deterministic; time and memory grow with the square of the number of sentences.
 */
export function textRank(sentences: readonly ReadonlySet<string>[]): number[] {
  const count = sentences.length;
  const weights = similarities(sentences);
  const outgoing = weights.map((row) => row.reduce((sum, weight) => sum + weight, 0));
  let ranks = new Array<number>(count).fill(1 / count);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const next = step(weights, outgoing, ranks);
    const moved = next.reduce((most, rank, i) => Math.max(most, Math.abs(rank - (ranks[i] ?? 0))), 0);
    ranks = next;
    if (moved < TOLERANCE) break;
  }
  return ranks;
}

/** One step of the power iteration. A sentence without edges recommends every sentence alike. */
function step(
  weights: readonly Float64Array[],
  outgoing: readonly number[],
  ranks: readonly number[],
): number[] {
  const count = ranks.length;
  const next = new Float64Array(count);
  let adrift = 0;
  for (let from = 0; from < count; from++) {
    const rank = ranks[from] ?? 0;
    const total = outgoing[from] ?? 0;
    if (total === 0) {
      adrift += rank;
      continue;
    }
    weights[from]?.forEach((weight, to) => {
      next[to] = (next[to] ?? 0) + (rank * weight) / total;
    });
  }
  const base = (1 - DAMPING) / count + (DAMPING * adrift) / count;
  return Array.from(next, (sum) => base + DAMPING * sum);
}

function similarities(sentences: readonly ReadonlySet<string>[]): Float64Array[] {
  const rows = sentences.map(() => new Float64Array(sentences.length));
  sentences.forEach((a, i) => {
    for (let j = i + 1; j < sentences.length; j++) {
      const weight = similarity(a, sentences[j] ?? new Set());
      const [row, column] = [rows[i], rows[j]];
      if (row !== undefined) row[j] = weight;
      if (column !== undefined) column[i] = weight;
    }
  });
  return rows;
}

/** The paper's measure: shared words over the sum of the logarithms of both lengths. */
function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  // log(1) + log(1) would divide by zero: one-word sentences are nobody's neighbour.
  if (a.size < 2 || b.size < 2) return 0;
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const word of small) if (large.has(word)) shared++;
  return shared / (Math.log(a.size) + Math.log(b.size));
}
