/** What is wrong with the imports that the configuration has. */
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/finding.ts';
import { importFindings } from '../imports/findings.ts';
import { readStatements } from '../storage/open.ts';

export function findingsOfImports(config: Config, nowMs: number): readonly Finding[] {
  if (config.imports.length === 0) return [];
  const reader = readStatements(config);
  try {
    return importFindings(reader, config.imports, nowMs);
  } finally {
    reader.close();
  }
}
