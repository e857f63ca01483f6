/** What makes two records of one API request recognizable, whoever tells it: its id at the provider. */
import { hash } from 'node:crypto';

const CHARACTERS = 16;

/** 96 bits of a SHA-256 in base64url. */
export const requestDigest = (requestId: string): string => hash('sha256', requestId, 'base64url').slice(0, CHARACTERS);
