/** Scheduled exports that are behind their schedule, as findings of `ledgerline doctor`. */
import type { Config } from '../../config/config.ts';
import { describeAge, HOUR_MS } from '../../core/duration.ts';
import type { Finding } from '../../core/finding.ts';
import { readManifest } from './manifest.ts';
import { lastDueMs } from './periods.ts';
import { calendarOf, folderOf } from './run.ts';

/** A large export takes its time. */
const BEHIND_MS = HOUR_MS;

export async function exportFindings(config: Config, nowMs: number): Promise<readonly Finding[]> {
  const found = await Promise.all(
    config.exports.map(async (spec): Promise<Finding | undefined> => {
      const remedy = `\`ledgerline export run ${spec.name}\` writes what is missing, or says why it cannot; so does the log (export_failed).`;
      const behind = (message: string): Finding => ({ code: 'export_behind', severity: 'warning', message, remedy });
      const manifest = await readManifest(folderOf(spec, config), nowMs).catch(() => null);
      if (manifest === null) return behind(`The manifest of the scheduled export ${spec.name} cannot be read.`);
      if (manifest === undefined) return behind(`The scheduled export ${spec.name} has written no file yet.`);
      const dueMs = lastDueMs(spec, calendarOf(spec, config).timeZone, Date.parse(manifest.complete_to), nowMs - BEHIND_MS);
      if (dueMs === undefined) return undefined;
      return behind(`The scheduled export ${spec.name} was due ${describeAge(nowMs - dueMs)} ago, and is not complete.`);
    }),
  );
  return found.filter((finding) => finding !== undefined);
}
