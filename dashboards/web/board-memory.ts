/** What the reader did to the parts of one board or session; it outlives a refresh, not a reload. */
import type { ViewState } from './card.ts';

export class BoardMemory {
  readonly #views = new Map<string, ViewState>();
  /** Whether the reader opened the findings, and whether one was critical then. */
  findings: { readonly isCritical: boolean; readonly isOpen: boolean } | undefined;

  view(panel: string): ViewState {
    const view = this.#views.get(panel) ?? { toggled: new Set() };
    this.#views.set(panel, view);
    return view;
  }
}
