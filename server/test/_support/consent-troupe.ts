import type { Name } from './consent-acts.ts';
import { call, type Answer } from './people.ts';
import { openSocket, type SpySocket } from './spy-socket.ts';
import { operatorKey } from './start-app.ts';

// The people of one run of the consent tests, with a session, a socket when they need one, and a robot's key.

interface Actor {
  username: string;
  token: string;
  key: string;
}

export class Troupe {
  readonly url: string;
  /** Distinguishes this run's people from all others of the server. */
  readonly #run: string;
  readonly #actors = new Map<Name, Actor>();
  readonly #sockets = new Map<Name, SpySocket>();

  constructor(url: string, run: string) {
    this.url = url;
    this.#run = run;
  }

  /** Sessions end while time passes; those who are still there get one that holds. */
  async renew(there: readonly Name[]): Promise<void> {
    await this.leave();
    await this.bring(there.map((username) => ({ username })));
  }

  async leave(): Promise<void> {
    const open = [...this.#sockets.values()];
    this.#sockets.clear();
    await Promise.all(open.map((socket) => socket.close()));
  }

  call<T>(who: Name, method: string, path: string, body?: unknown): Promise<Answer<T>> {
    return call<T>(this.url, this.actor(who).token, method, path, body);
  }

  actor(name: Name): Actor {
    const actor = this.#actors.get(name);
    if (!actor) throw new Error(`${name} is not on stage`);
    return actor;
  }

  async socket(name: Name): Promise<SpySocket> {
    const known = this.#sockets.get(name);
    if (known && !known.closed) return known;
    const fresh = await openSocket(this.url, this.actor(name).token);
    this.#sockets.set(name, fresh);
    return fresh;
  }

  /** An API key of theirs, for their robot. */
  async makeKey(name: Name): Promise<void> {
    const made = await this.call<{ key: string }>(name, 'POST', '/api/keys', { name: 'Robot' });
    if (made.status !== 201) throw new Error(`no key for ${name}: ${JSON.stringify(made.body)}`);
    this.actor(name).key = made.body.key;
  }

  /** Moves the server's clock, and answers what it says then. */
  async advance(advanceMs: number): Promise<number> {
    const answer = await call<{ now: string }>(
      this.url,
      operatorKey,
      'POST',
      '/api/operator/clock',
      { advanceMs },
    );
    return Date.parse(answer.body.now);
  }

  async bring(people: { username: Name; follows?: Name[] }[]): Promise<void> {
    if (people.length === 0) return;
    const named = people.map(({ username, follows = [], ...more }) => ({
      ...more,
      username: this.#usernameOf(username),
      name: username,
      follows: follows.map((name) => this.#usernameOf(name)),
    }));
    const answer = await call<{ username: string; token: string }[]>(
      this.url,
      operatorKey,
      'POST',
      '/api/operator/people',
      named,
    );
    if (answer.status !== 200)
      throw new Error(`bringing people failed: ${JSON.stringify(answer.body)}`);
    for (const [i, { username, token }] of answer.body.entries()) {
      const { username: name } = people[i]!;
      this.#actors.set(name, { username, token, key: this.#actors.get(name)?.key ?? '' });
    }
  }

  #usernameOf(name: Name): string {
    return `${name}_${this.#run}`;
  }
}
