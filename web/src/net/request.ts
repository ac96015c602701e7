import { errorCatalogue, type ErrorCode } from '@aside/protocol';
import type { Outcome, Problem } from './outcome.ts';
import type { Ports } from '../platform/ports.ts';

// One HTTP request of the page's own origin, with the session cookie. Never throws: every way to fail is an
// Outcome with a sentence for a person.

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  timeoutMs?: number;
  /** Lets the request outlive the page (read marks on leaving). */
  keepalive?: boolean;
  /** Ends the request when nobody waits for the answer any more; it settles as 'offline'. */
  signal?: AbortSignal;
}

/** How a body that is not a success becomes a Problem; the API and the accounts speak differently. */
export type ReadProblem = (status: number, body: unknown, headers: Headers) => Problem;

export interface Requester {
  send(path: string, options: RequestOptions, readProblem: ReadProblem): Promise<Outcome<unknown>>;
  /** The session was replaced by a new one: answers to requests sent before say nothing about it. */
  renewSession(): void;
  /** Ends every request under way; they settle as 'offline'. */
  abortAll(): void;
}

export function createRequester(
  ports: Pick<Ports, 'fetch' | 'network' | 'scheduler'>,
  timeoutMs: number,
  sessionEnded: () => void,
): Requester {
  const underWay = new Set<AbortController>();
  let sessionNumber = 0;
  return {
    renewSession: () => {
      sessionNumber += 1;
    },
    abortAll() {
      sessionNumber += 1;
      for (const controller of underWay) controller.abort();
    },
    async send(path, options, readProblem) {
      const sentIn = sessionNumber;
      const controller = new AbortController();
      const abort = () => controller.abort();
      if (options.signal?.aborted === true) abort();
      options.signal?.addEventListener('abort', abort);
      underWay.add(controller);
      const stopTimer = ports.scheduler.after(options.timeoutMs ?? timeoutMs, () =>
        controller.abort(),
      );
      try {
        const response = await ports.fetch(path, toInit(options, controller.signal));
        const body = await readBody(response);
        // 202: taken, but not done. It comes with a reason, as a refusal does.
        if (response.ok && response.status !== 202) return { ok: true, value: body };
        const problem = readProblem(response.status, body, response.headers);
        if (problem.code === 'unauthenticated' && sentIn === sessionNumber) sessionEnded();
        return { ok: false, problem };
      } catch {
        // fetch rejects for one reason only that is not ours: nobody answered.
        return { ok: false, problem: noAnswer(ports.network.isOnline()) };
      } finally {
        stopTimer();
        options.signal?.removeEventListener('abort', abort);
        underWay.delete(controller);
      }
    },
  };
}

export const readApiProblem: ReadProblem = (status, body, headers) => {
  const fields = asObject(body);
  const retryAfterMs = retryAfterOf(headers, fields['retryAfterSeconds']);
  const code = isErrorCode(fields['code']) ? fields['code'] : codeForStatus(status);
  const catalogued = code === 'unknown' ? null : errorCatalogue[code];
  const detail = typeof fields['detail'] === 'string' ? fields['detail'] : catalogued?.detail;
  return {
    code,
    detail: detail ?? 'Something went wrong. Try again.',
    ...(retryAfterMs !== null && { retryAfterMs }),
    ...(typeof fields['until'] === 'string' && { until: fields['until'] }),
  };
};

export function retryAfterOf(headers: Headers, inBody: unknown): number | null {
  const seconds = inBody ?? headers.get('retry-after') ?? headers.get('x-retry-after');
  const parsed = typeof seconds === 'string' || typeof seconds === 'number' ? Number(seconds) : NaN;
  return Number.isFinite(parsed) && parsed >= 0 ? parsed * 1000 : null;
}

export function asObject(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

/** For answers without a problem body: a proxy in front, or a server that is going down. */
export function codeForStatus(status: number): ErrorCode | 'unknown' {
  if (status === 401) return 'unauthenticated';
  if (status === 404) return 'not_found';
  if (status === 413) return 'too_large';
  if (status === 429) return 'rate_limited';
  if (status === 502 || status === 503 || status === 504) return 'overloaded';
  return status >= 500 ? 'internal' : 'unknown';
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCatalogue, code);
}

function noAnswer(isOnline: boolean): Problem {
  return {
    code: 'offline',
    detail: isOnline
      ? 'Aside did not answer. It will be tried again.'
      : 'You are offline. It will be tried again when you are back.',
  };
}

function toInit(options: RequestOptions, signal: AbortSignal): RequestInit {
  return {
    method: options.method ?? 'GET',
    credentials: 'same-origin',
    cache: 'no-store',
    redirect: 'error',
    signal,
    ...(options.keepalive === true && { keepalive: true }),
    ...(options.body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(options.body),
    }),
  };
}

async function readBody(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  const text = await response.text();
  try {
    return text === '' ? null : (JSON.parse(text) as unknown);
  } catch (cause) {
    if (!response.ok) return null;
    // A success that is not JSON comes from something between us and Aside, such as a hotel's sign-in page.
    throw new TypeError('the answer is not JSON', { cause });
  }
}
