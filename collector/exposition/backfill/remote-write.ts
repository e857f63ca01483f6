/** Into any store that speaks Prometheus' remote write: Prometheus itself, Mimir, Thanos, Cortex, VictoriaMetrics. */
import type { Track } from './family-totals.ts';
import type { Instant } from './history.ts';
import { commonRemedy, type Network, post, type Refusal, refused, type Target } from './post.ts';
import { writeRequest } from './remote-write-body.ts';
import type { Progress } from './victoriametrics.ts';

/** Of one request; stores refuse bodies beyond a few megabytes. */
const SAMPLES_MAX = 20_000;

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

/** `target.url` is the whole address, such as http://127.0.0.1:9090/api/v1/write. Resolves to the number of samples. */
export async function remoteWrite(instants: AsyncIterable<Instant>, target: Target, network: Network, progress: Progress): Promise<number> {
  let samples = 0;
  for await (const batch of batches(instants)) {
    const refusal = await post(target, writeRequest(batch.series), HEADERS, network);
    if (refusal !== undefined) throw refused(target.url, refusal, remedy(refusal));
    samples += batch.samples;
    progress(batch.timeMs, samples);
  }
  return samples;
}

interface Batch {
  readonly series: { readonly track: Track; readonly samples: [number, number][] }[];
  readonly samples: number;
  readonly timeMs: number;
}

async function* batches(instants: AsyncIterable<Instant>): AsyncGenerator<Batch, void> {
  const held = new Map<Track, [number, number][]>();
  let samples = 0;
  const take = (timeMs: number): Batch => {
    const batch = { series: [...held].map(([track, samples]) => ({ track, samples })), samples, timeMs };
    held.clear();
    samples = 0;
    return batch;
  };
  let lastMs = 0;
  for await (const { timeMs, tracks } of instants) {
    lastMs = timeMs;
    for (const track of tracks) {
      held.getOrInsertComputed(track, () => []).push([timeMs, track.value]);
      if (++samples >= SAMPLES_MAX) yield take(timeMs);
    }
  }
  if (samples > 0) yield take(lastMs);
}

const OUT_OF_BOUNDS = /out of bounds|out of order|too old|out-of-order/i;
const TOO_LATE =
  'The store does not accept samples that old. Prometheus: set storage.tsdb.out_of_order_time_window in its configuration to more than the age of the first sample, such as 100d, or use `ledgerline backfill prometheus`. Mimir: limits.out_of_order_time_window.';
const SAME_TIME =
  'The store already holds another value for the same series and time: the ledger has since been corrected, or --to lies after the first scrape. Delete the imported series, or end earlier with --to.';

function remedy({ status, text }: Refusal): string {
  if (OUT_OF_BOUNDS.test(text)) return TOO_LATE;
  if (/duplicate sample/i.test(text)) return SAME_TIME;
  if (status === 404 || /remote write receiver/i.test(text)) {
    return 'Check --url: Prometheus accepts samples at /api/v1/write when it is started with --web.enable-remote-write-receiver, Mimir at /api/v1/push.';
  }
  return commonRemedy(status) ?? 'Check that --url is the remote write address of the store.';
}
