/** One text for all who ask while it is made, and shortly after: however often it is asked for, making it takes half of a thread at most. */

/** Also of a text that takes longer, none is shown that is older. */
const SHARED_MS_MAX = 1_000;

export interface SharedTextOptions<Text> {
  readonly make: () => Promise<Text>;
  readonly elapsedMs: () => number;
}

export function shareText<Text>({ make, elapsedMs }: SharedTextOptions<Text>): () => Promise<Text> {
  let shared: { readonly text: Promise<Text>; untilMs: number } | undefined;
  return () => {
    const askedMs = elapsedMs();
    if (shared !== undefined && askedMs < shared.untilMs) return shared.text;
    const making = { text: make(), untilMs: Number.POSITIVE_INFINITY };
    shared = making;
    const forget = (): void => {
      if (shared === making) shared = undefined;
    };
    making.text.then(() => {
      const madeMs = elapsedMs();
      making.untilMs = madeMs + Math.min(SHARED_MS_MAX, madeMs - askedMs);
    }, forget);
    return making.text;
  };
}
