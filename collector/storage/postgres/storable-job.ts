/** Texts of an export as PostgreSQL can hold them: replaced before anything is hashed or compared. Few exports need it. */
import type { DecodedEntry, Job } from '../batch-codec.ts';
import { storable } from './sql-text.ts';

export function storableJob(job: Job): Job {
  return job.entries.every(isStorable) ? job : { ...job, entries: job.entries.map(storableEntry) };
}

const isClean = (text: string | undefined): boolean => text === undefined || (text.isWellFormed() && !text.includes('\0'));

const isStorable = ({ sessionId, identity, request, cumulative, keys }: DecodedEntry): boolean =>
  isClean(sessionId) && isClean(identity) && isClean(request) && isClean(cumulative?.series) && keys?.every(isClean) !== false;

function storableEntry(entry: DecodedEntry): DecodedEntry {
  const { cumulative, request, ref } = entry;
  return {
    ...entry,
    sessionId: storable(entry.sessionId),
    identity: storable(entry.identity),
    request: request === undefined ? undefined : storable(request),
    cumulative: cumulative === undefined ? undefined : { ...cumulative, series: storable(cumulative.series) },
    // Named anew for this entry alone.
    ref: { ...ref, sentKeys: ref.sentKeys?.map(storable), generation: 0 },
  };
}
