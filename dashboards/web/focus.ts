/** Whoever works with the keyboard stays where they are, although what they stand on is drawn anew. */

/** Runs `replace`; if the focus was inside `old`, it goes to the same place (data-focus) of what is inside `root` then. */
export function keepingFocus(old: HTMLElement, replace: () => void, root: HTMLElement): void {
  const focused = document.activeElement;
  const key = focused !== null && old.contains(focused) ? focused.getAttribute('data-focus') : null;
  replace();
  if (key === null) return;
  for (const candidate of root.querySelectorAll<HTMLElement>('[data-focus]')) {
    if (candidate.dataset.focus === key) candidate.focus({ preventScroll: true });
  }
}
