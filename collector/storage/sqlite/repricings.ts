/** Repricings that were applied: see collector/ledger/repricing.ts. */

/** `asked` and `outcome` are JSON; an outcome is missing while one runs, and of one that was broken off. */
export const REPRICINGS = `CREATE TABLE repricings (
     id INTEGER PRIMARY KEY, started_ms INTEGER NOT NULL, who TEXT NOT NULL, book TEXT NOT NULL, asked TEXT NOT NULL, ended_ms INTEGER, outcome TEXT
   )`;
