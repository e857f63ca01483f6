/** A finding: what is wrong, how bad it is, and how to mend it. */

export interface Finding {
  /** snake_case, stable; scripts may look for it. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what was seen, with its figures. */
  readonly message: string;
  /** What to do about it; empty when nothing is to be done. */
  readonly remedy: string;
}

export type Severity = 'ok' | 'info' | 'warning' | 'critical';
