/** From the headers of an HTTP request to what its body is. */
import type { Compression } from '../inflate.ts';
import type { Encoding } from '../observer.ts';

/** Parameters such as charset are allowed. Undefined for a type that OTLP does not know. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : undefined;
}

export function compressionOf(contentEncoding: string | undefined): Compression | undefined {
  switch (contentEncoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return 'identity';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
      return 'deflate';
    default:
      return undefined;
  }
}
