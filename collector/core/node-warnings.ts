/** Leaves out that a part of Node is experimental: which parts we use was decided, and is nothing that an operator could change. Others stay. */
export function leaveOutExperimentalWarnings(): void {
  const others = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') for (const print of others) print(warning);
  });
}
