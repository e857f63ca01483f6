/** What is wrong with the imports that the configuration has. */
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/finding.ts';
import { importFindings } from '../imports/findings.ts';
import { readStatements } from '../storage/open.ts';

export async function findingsOfImports(config: Config, nowMs: number): Promise<readonly Finding[]> {
  if (config.imports.length === 0) return [];
  const reader = await readStatements(config);
  try {
    return await importFindings(reader, config.imports, nowMs);
  } finally {
    await reader.close();
  }
}
