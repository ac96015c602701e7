import { sleep } from './wait.ts';

// HTTP as the people of a run speak it: whoever gets no answer, or “come back later”, asks again.

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  retryAfterMs: number;
}

const patienceMs = 15_000;

/** One request. Null when no answer came: the server was gone, or the line broke. */
export async function ask(
  url: string,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer | null> {
  try {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
      retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1_000,
    };
  } catch {
    return null;
  }
}

/** What a client does not ask again for at once: it was not answered, or told to come back. */
export function isTemporary(answer: Answer | null): boolean {
  return answer === null || answer.status === 503 || answer.status === 429;
}

/** Asks until an answer comes that is not “come back later”, or until `signal` ends it; then null. */
export async function askUntilAnswered(
  signal: AbortSignal,
  onAnswer: (answer: Answer | null) => void,
  once: () => Promise<Answer | null>,
): Promise<Answer | null> {
  while (!signal.aborted) {
    const answer = await once();
    onAnswer(answer);
    if (!isTemporary(answer)) return answer;
    await sleep(100);
  }
  return null;
}
