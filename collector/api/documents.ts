/** The documents of the API: for programs and for people, made when they are first asked for. */
import { createHash } from 'node:crypto';
import { type RequestHandler, type Response, Router } from 'express';
import { ROUTES } from '../catalog/names.ts';
import type { Question } from '../query/question.ts';
import { type OpenApiDocument, openApiDocument } from './openapi.ts';
import type { ApiDocument } from './reference/document.ts';
import { referencePage } from './reference/page.ts';
import { isKnown } from './validators.ts';

interface Made {
  readonly text: string;
  readonly etag: string;
}

const made = (text: string): Made => ({ text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` });

/** As `npm run generate` writes it. */
export const documentText = (document: OpenApiDocument): string => `${JSON.stringify(document, null, 2)}\n`;

const serving = (make: () => Made, send: (response: Response, text: string) => void): RequestHandler => {
  let kept: Made | undefined;
  return (request, response) => {
    kept ??= make();
    if (isKnown(request, response, kept.etag)) return void response.status(304).end();
    send(response, kept.text);
  };
};

/** For people. It says nothing that the project's own pages do not say, so it needs no token. */
export function referencePages(questions: readonly Question[]): Router {
  const router = Router();
  // The document is made of what the page shows, and of more.
  const make = (): Made => made(referencePage(openApiDocument(questions) as unknown as ApiDocument));
  router.get(
    ROUTES.reference,
    serving(make, (response, text) => void response.type('html').send(text)),
  );
  return router;
}

export const openApi = (questions: readonly Question[]): RequestHandler =>
  serving(
    () => made(documentText(openApiDocument(questions))),
    (response, text) => void response.type('json').send(text),
  );
