/** The beginning of another server's answer: enough to say what it was, whatever comes behind it and however slowly. */

/**
 * At most so many bytes of a body, after decompression, as text; '' where there are none. The rest is not read: its connection is closed.
 * What had come when the request ran out of time counts. Never rejects.
 */
export async function answerStart({ body }: Response, bytesMax: number): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    while (bytes < bytesMax) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value.subarray(0, bytesMax - bytes), { stream: true });
      bytes += value.length;
    }
  } catch {
    // Out of time, or a body that breaks off: the beginning is what was asked for.
  }
  await dropped(reader);
  return text;
}

/** Closes the connection of an answer that nobody wants to read. */
export const dropAnswer = ({ body }: Response): Promise<void> => (body === null ? Promise.resolve() : dropped(body));

const dropped = (body: { cancel(): Promise<void> }): Promise<void> => body.cancel().catch(() => undefined);
