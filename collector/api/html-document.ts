/** What every page that the collector writes itself has around its body: the look of the boards, and nothing from elsewhere. */

/** `title` and `body` are HTML. */
export const htmlDocument = (title: string, body: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · Ledgerline</title>
    <link rel="icon" href="/assets/dashboards/web/icon.svg" type="image/svg+xml">
    <script src="/assets/dashboards/web/theme.ts"></script>
    <link rel="stylesheet" href="/assets/page.css">
  </head>
  ${body}
</html>
`;
