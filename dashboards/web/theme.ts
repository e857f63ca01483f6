// Runs before the first paint (a classic script, not a module), so that a dark page never flashes white.
{
  const KEY = 'ledgerline-theme';
  const root = document.documentElement;
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(KEY);
  } catch {
    // Storage is blocked: the system's preference decides.
  }
  if (stored === 'light' || stored === 'dark') root.dataset.theme = stored;

  const isDark = (): boolean => (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element) || event.target.closest('#theme') === null) return;
    root.dataset.theme = isDark() ? 'light' : 'dark';
    try {
      localStorage.setItem(KEY, root.dataset.theme);
    } catch {
      // The choice then lasts until the page is left.
    }
    document.dispatchEvent(new CustomEvent('themechange'));
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => document.dispatchEvent(new CustomEvent('themechange')));
}
