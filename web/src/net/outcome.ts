import type { ErrorCode } from '@aside/protocol';

// How a request ends, for those above who must not catch. The same shape as the store's own.

export interface Problem {
  code: ErrorCode | 'offline' | 'wrong_credentials' | 'unknown';
  detail: string;
  retryAfterMs?: number;
  /** When it will be possible again. */
  until?: string;
}

export type Outcome<T = void> = { ok: true; value: T } | { ok: false; problem: Problem };
