/** The code of a system call, of Node or of a database on what was caught; '' without one. Not by class: tests run in a realm of their own. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
