/** Into VictoriaMetrics through /api/v1/import/prometheus. The same sample twice is one sample. */
import type { Instant } from './history.ts';
import { commonRemedy, type Network, post, refused, type Target } from './post.ts';
import { textChunks } from './text.ts';

const CHARACTERS_MAX = 4_000_000;
const PATH = '/api/v1/import/prometheus';

/** Called after every request that the store took. */
export type Progress = (doneMs: number, samples: number) => void;

/** `target.url` is the store's, such as http://127.0.0.1:8428. Resolves to the number of samples. */
export async function importText(instants: AsyncIterable<Instant>, target: Target, network: Network, progress: Progress): Promise<number> {
  const url = `${target.url.replace(/\/+$/, '')}${PATH}`;
  let samples = 0;
  for await (const chunk of textChunks(instants, 'prometheus', CHARACTERS_MAX)) {
    const refusal = await post({ ...target, url }, chunk.text, { 'content-type': 'text/plain' }, network);
    if (refusal !== undefined) {
      throw refused(
        url,
        refusal,
        commonRemedy(refusal.status) ?? 'Check that --url is the address of a VictoriaMetrics, such as http://127.0.0.1:8428.',
      );
    }
    samples += chunk.samples;
    progress(chunk.timeMs, samples);
  }
  return samples;
}
