/** Pages that stand behind links, as a browser opens and posts them. */

export interface Page {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

const pageOf = async (response: Response): Promise<Page> => ({ status: response.status, text: await response.text(), headers: response.headers });

export const openPage = async (url: string, method: string): Promise<Page> => pageOf(await fetch(url, { method }));

export const postForm = async (url: string, fields: Record<string, string>, headers: Record<string, string>): Promise<Page> =>
  pageOf(await fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' }));
