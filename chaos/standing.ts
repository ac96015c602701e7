// What a run has put up and must take down, also when it is told to end in the middle.

const all = new Set<() => unknown>();

/** Notes how to take something down; the function that it answers says that this was done. */
export function standing(takeDown: () => unknown): () => void {
  all.add(takeDown);
  return () => void all.delete(takeDown);
}

/** Takes down whatever stands, last first. */
export async function takeAllDown(): Promise<void> {
  for (const takeDown of [...all].reverse()) await takeDown();
}
