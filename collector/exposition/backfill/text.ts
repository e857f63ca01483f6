/** Instants as lines of text: OpenMetrics writes a timestamp in seconds, Prometheus' own format in milliseconds. */
import { labelText } from '../label-text.ts';
import type { Track } from './family-totals.ts';
import type { Instant } from './history.ts';

export type TextFormat = 'openmetrics' | 'prometheus';

export const END_OF_OPENMETRICS = '# EOF\n';

export interface Chunk {
  readonly text: string;
  readonly samples: number;
  /** The instant of its last line. */
  readonly timeMs: number;
}

/** Text of at most about `charactersMax`, cut between lines. */
export async function* textChunks(instants: AsyncIterable<Instant>, format: TextFormat, charactersMax: number): AsyncGenerator<Chunk, void> {
  const names = new Map<Track, string>();
  let lines: string[] = [];
  let characters = 0;
  const take = (timeMs: number): Chunk => {
    const chunk = { text: lines.join(''), samples: lines.length, timeMs };
    lines = [];
    characters = 0;
    return chunk;
  };
  let lastMs = 0;
  for await (const { timeMs, tracks } of instants) {
    const time = format === 'openmetrics' ? timeMs / 1000 : timeMs;
    for (const track of tracks) {
      if (characters >= charactersMax) yield take(timeMs);
      const line = `${names.getOrInsertComputed(track, nameOf)} ${track.value} ${time}\n`;
      lines.push(line);
      characters += line.length;
    }
    lastMs = timeMs;
  }
  if (lines.length > 0) yield take(lastMs);
}

const nameOf = ({ name, labels }: Track): string => `${name}{${labelText(labels)}}`;
