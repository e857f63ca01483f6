/** A runbook's Markdown as HTML: headings, paragraphs, numbered lists, code, bold and links, which is all that runbooks use. */
import { ROUTES } from '../catalog/names.ts';
import { escapeHtml } from './reference/html.ts';

/** Runbooks link to each other by file; what the collector does not serve is named by its path. */
export function runbookHtml(markdown: string): string {
  return markdown
    .trim()
    .split(/\n{2,}/)
    .map(block)
    .join('\n        ');
}

const ITEM = /^\d+\. /;

function block(text: string): string {
  const lines = text.split('\n');
  if (text.startsWith('# ')) return `<h1>${inline(text.slice(2))}</h1>`;
  if (!lines.every((line) => ITEM.test(line))) return `<p>${inline(lines.join(' '))}</p>`;
  return `<ol>${lines.map((line) => `<li>${inline(line.replace(ITEM, ''))}</li>`).join('')}</ol>`;
}

/** Code first: what stands in it is no markup. */
const inline = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith('`') ? `<code>${escapeHtml(part.slice(1, -1))}</code>` : emphasis(escapeHtml(part))))
    .join('');

const emphasis = (html: string): string =>
  html.replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>').replaceAll(/\[([^\]]+)\]\(([^)]+)\)/g, (_, title: string, href: string) => {
    const runbook = /^(Ledgerline\w+)\.md$/.exec(href)?.[1];
    return runbook === undefined ? `<code>${title}</code>` : `<a href="${ROUTES.runbooks}/${runbook}">${title}</a>`;
  });
