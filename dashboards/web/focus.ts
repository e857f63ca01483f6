/** Whoever works with the keyboard stays where they are, although what they stand on is drawn anew. */

const FOCUSABLE = 'a[href], button, input, select, summary, [tabindex]';
const SCROLLING = '.table-scroll';

/** Runs `replace`; if the focus was inside `old`, it goes to the same place of what is inside `root` then. Tables stay where they were scrolled to. */
export function keepingFocus(old: HTMLElement, replace: () => void, root: HTMLElement): void {
  const scrolled = [...old.querySelectorAll<HTMLElement>(SCROLLING)].filter(({ scrollLeft, scrollTop }) => scrollLeft !== 0 || scrollTop !== 0);
  const places = scrolled.map((frame) => ({ name: nameOf(frame), left: frame.scrollLeft, top: frame.scrollTop }));
  keepFocus(old, replace, root);
  if (places.length === 0) return;
  for (const frame of root.querySelectorAll<HTMLElement>(SCROLLING)) {
    const place = places.find(({ name }) => name === nameOf(frame));
    if (place !== undefined) frame.scrollTo({ ...place, behavior: 'instant' });
  }
}

function keepFocus(old: HTMLElement, replace: () => void, root: HTMLElement): void {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !old.contains(focused)) {
    replace();
    return;
  }
  const name = nameOf(focused);
  // Of controls with the same name, such as the same link of several cards, the one that stood at the same place among them.
  const place = Math.max(0, namesakes(root, name).indexOf(focused));
  replace();
  if (document.activeElement !== focused) namesakes(root, name)[place]?.focus({ preventScroll: true });
}

const namesakes = (root: HTMLElement, name: string): readonly HTMLElement[] =>
  [...root.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((candidate) => nameOf(candidate) === name);

/** By data-focus where its words change with the figures; else by what the reader sees or hears of it. */
const nameOf = (node: HTMLElement): string => node.dataset.focus ?? `${node.tagName} ${node.ariaLabel ?? node.textContent}`;
