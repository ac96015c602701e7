import { randomUUID } from 'node:crypto';
import type { Account, Meant, Role } from './account.ts';
import type { Chronicle } from './chronicle.ts';
import type { Draws } from './draws.ts';
import type { Scale } from './rates.ts';
import { forAll, type Server } from './server.ts';
import type { Corpus } from './texts.ts';

// The people, brands and robots of one run, and the one door through which all of them write.

export interface Message extends Meant {
  text: string;
  /** What the sender says it is for. */
  claims?: 'personal' | 'service' | 'automated' | 'promotional';
}

export interface Town {
  server: Server;
  corpus: Corpus;
  scale: Scale;
  attack: number;
  draws: Draws;
  seed: number;
  chronicle: Chronicle;
  accounts: Account[];
  inRole(role: Role): Account[];
}

/** Sends over the public API as this account. Answers `inbox`, `requests`, `held` or the code of the refusal. */
export async function send(
  town: Town,
  from: Account,
  to: Account,
  message: Message,
): Promise<string> {
  const { text, claims, ...meant } = message;
  const clientId = randomUUID();
  const sending = town.chronicle.begin(clientId, from, to, { ...meant, text });
  if (sending.isFirst && meant.nature !== 'service' && !meant.byKey) from.firsts.push(sending);
  to.hasNews = true;
  const answer = await town.server.call(
    'POST',
    `/api/conversations/with/${to.username}/messages`,
    meant.byKey ? from.key : from.token,
    { clientId, text, ...(claims === undefined ? {} : { purpose: claims }) },
  );
  const body = answer.body as { arrived?: string; code?: string };
  const outcome = body.arrived ?? body.code ?? `status_${answer.status}`;
  if (answer.status >= 500 || ['rate_limited', 'invalid', 'unauthenticated'].includes(outcome)) {
    throw new Error(`a message failed: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  town.chronicle.arrived(sending, outcome);
  return outcome;
}

/** Something else that an account asks for; throws on a refusal. */
export async function ask(
  town: Town,
  by: Account,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await town.server.call(method, path, by.token, body);
  if (answer.status >= 300) {
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  return answer.body;
}

/** Brings all accounts by the operator's door, then settings, keys and what was agreed before the first day. */
export async function bringAll(town: Town): Promise<void> {
  const dayMs = 86_400_000;
  const batch = town.accounts.map((account) => ({
    username: account.username,
    name: account.name,
    kind: account.kind,
    createdAt: new Date(Date.now() - account.ageDays * dayMs - dayMs / 2).toISOString(),
    follows: [...account.follows].map(({ username }) => username),
    ...(account.owner === undefined ? {} : { owner: account.owner }),
  }));
  const made = (await town.server.operator('POST', '/api/operator/people', batch)) as {
    id: string;
    username: string;
    token: string;
  }[];
  const known = new Map(made.map((one) => [one.username, one]));
  await forAll(town.accounts, async (account) => {
    const { id, token } = known.get(account.username)!;
    Object.assign(account, { id, token });
    if (account.reach !== 'following') {
      await ask(town, account, 'PATCH', '/api/settings', { reach: account.reach });
    }
    if (account.role === 'person' || account.role === 'covert_robot') return;
    const { key } = (await ask(town, account, 'POST', '/api/keys', { name: 'bench' })) as {
      key: string;
    };
    account.key = key;
  });
}

/** The owner signs in again, by way of the host application. */
export async function signInAgain(town: Town, account: Account): Promise<void> {
  const made = (await town.server.operator('POST', '/api/operator/people', [
    { username: account.username, name: account.name, kind: account.kind },
  ])) as { token: string }[];
  account.token = made[0]!.token;
}
