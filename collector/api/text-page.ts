/** A page of text beside the boards, in their look: the reference of the API, the runbooks. No script of its own, and nothing from elsewhere. */
import { htmlDocument } from './html-document.ts';
import { escapeHtml } from './reference/html.ts';

export interface TextPage {
  readonly title: string;
  /** HTML: what stands in the navigation. */
  readonly contents: string;
  /** HTML. */
  readonly main: string;
}

export const textPage = ({ title, contents, main }: TextPage): string =>
  htmlDocument(
    escapeHtml(title),
    `<body>
    <a class="skip" href="#main">Skip to content</a>
    <header class="side">
      <button class="icon-button menu-button" type="button" popovertarget="boards" aria-label="Contents"><svg width="20" height="20" viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h16M4 12h16M4 17h16"/></svg></button>
      <a class="brand" href="/" aria-label="Ledgerline, overview"><span>Ledgerline</span></a>
      <nav class="boards" id="boards" aria-label="Contents" popover>${contents}</nav>
      <div class="side-end">
        <button class="icon-button" id="theme" type="button" aria-label="Switch between light and dark"><svg width="18" height="18" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z"/></svg></button>
      </div>
    </header>
    <div class="stage">
      <main class="reference" id="main" tabindex="-1">
        ${main}
      </main>
    </div>
  </body>`,
  );
