/** A text for the clipboard, also where the browser keeps its clipboard from the page: over plain HTTP from another machine. */
import { element } from './dom.ts';

const COPIED = 'Copied';

/** `shown`: where the text stands on the page. */
export function copyButton(text: string, shown: HTMLElement): HTMLElement {
  const button = element('button', { type: 'button', class: 'button', 'aria-live': 'polite', 'data-focus': 'copy' }, 'Copy');
  button.addEventListener('click', () => {
    void copy(text, shown).then((outcome) => {
      button.textContent = outcome;
    });
  });
  return button;
}

async function copy(text: string, shown: HTMLElement): Promise<string> {
  if (!isSecureContext) return copySelected(shown);
  return navigator.clipboard.writeText(text).then(
    () => COPIED,
    () => copySelected(shown),
  );
}

/** What is selected is for the reader to copy where the browser does not do that either. */
function copySelected(shown: HTMLElement): string {
  getSelection()?.selectAllChildren(shown);
  // Deprecated, and all there is without a secure context.
  return document.execCommand('copy') ? COPIED : 'Selected: press Ctrl+C';
}
