/** A sign-in that failed, as a page for whoever stands before the browser. */
import type { NextFunction, Response } from 'express';
import { LedgerlineError } from '../../core/error.ts';
import { PROBLEMS } from '../problem.ts';

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

export function failurePage(thrown: unknown, response: Response, next: NextFunction): void {
  const error = LedgerlineError.from(thrown);
  // What is not ours is for the log, and its text for nobody.
  if (error.code === 'internal' || response.headersSent) next(thrown);
  else sendPage(response, error);
}

function sendPage(response: Response, error: LedgerlineError): void {
  response
    .status(PROBLEMS[error.code].status)
    .type('html')
    .send(`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Sign-in failed – Ledgerline</title>
    <link rel="stylesheet" href="/assets/page.css">
  </head>
  <body class="is-alone">
    <main class="sign-in-failure">
      <h1>Sign-in failed</h1>
      <p><strong>${escapeHtml(error.message)}</strong></p>
      <p>${escapeHtml(error.hint)}</p>
      <p><a href="/auth/login">Sign in again</a> · <a href="/">To the boards</a></p>
    </main>
  </body>
</html>
`);
}
