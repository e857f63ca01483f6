/** How commands end. Scripts depend on these. */

/** What was asked for is there, and nothing is wrong with it. */
export const EXIT_OK = 0;
/** Done, and the answer is bad news: over a budget, a critical finding, roll-ups that differ. */
export const EXIT_CONDITION = 1;
/** Not done: wrong usage, nothing that responds, a value that does not exist. */
export const EXIT_ERROR = 2;
/** `ledgerline run`: the guard stopped it. EX_TEMPFAIL of sysexits.h: it may be tried again later. */
export const EXIT_GUARD_STOPPED = 75;
/** And the number of the signal, as shells have it. */
export const EXIT_SIGNAL = 128;
/** Ctrl+C. */
export const EXIT_INTERRUPTED = 130;

export const EXIT_CODES_HELP = `
Exit codes: 0 well; 1 a condition holds (over budget, a critical finding, figures that differ); 2 an error (wrong usage, an unknown
name, no ledger, nothing that responds); 75 the guard stopped what "ledgerline run" ran; 130 interrupted with Ctrl+C. Nothing is left
half written.`;
