/** Shows the rows beyond those that fit, and hides them again. */
import { element } from './dom.ts';

export interface ExpanderOptions {
  readonly isExpanded: boolean;
  readonly onExpand: () => void;
  /** Unique on the page; focus returns by it after a refresh. */
  readonly focusKey: string;
}

export function renderExpander(more: number, { onExpand, focusKey, isExpanded }: ExpanderOptions): HTMLElement {
  const attributes = {
    type: 'button',
    class: 'link-button',
    click: onExpand,
    'data-focus': `${focusKey}:expand`,
    'aria-expanded': String(isExpanded),
  };
  return element('button', attributes, isExpanded ? 'Show fewer' : `Show ${more} more`);
}
