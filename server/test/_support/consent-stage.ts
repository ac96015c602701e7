import { randomUUID } from 'node:crypto';
import {
  errorCatalogue,
  type Conversation,
  type ErrorCode,
  type Message,
  type ProfileView,
} from '@aside/protocol';
import {
  cast,
  editedSeq,
  latestOffer,
  openScene,
  type Act,
  type Drawn,
  type Glance,
  type Name,
  type Scene,
} from './consent-acts.ts';
import { day } from './consent-law.ts';
import type { Outcome } from './consent-oracle.ts';
import { render, type Text } from './consent-texts.ts';
import { placeOf, talkOf } from './consent-world.ts';
import { call, until, type Answer } from './people.ts';
import { Troupe } from './consent-troupe.ts';

// The acts of the consent tests done to the real server, through its doors, by people of one run's own.

interface ViewedConversation {
  conversation: Conversation & { contact: ProfileView['contact'] };
}

export class Stage {
  readonly #troupe: Troupe;
  readonly #conversations = new Map<string, string>();
  readonly #unsubscribes = new Map<string, string>();

  private constructor(troupe: Troupe) {
    this.#troupe = troupe;
  }

  /** Brings the cast, each with a session and an API key. */
  static async open(url: string, run: string): Promise<Stage> {
    const troupe = new Troupe(url, run);
    const now = await troupe.advance(0);
    const people = [...openScene().world.people.values()];
    await troupe.bring(
      people.map(({ username, owner, createdAt }) => ({
        username,
        createdAt: new Date(now + createdAt).toISOString(),
        ...(owner === undefined ? {} : { kind: 'brand', owner }),
      })),
    );
    await Promise.all(cast.map((name) => troupe.makeKey(name)));
    return new Stage(troupe);
  }

  close(): Promise<void> {
    return this.#troupe.leave();
  }

  /** Does it, and answers what came of it in the oracle's words. */
  async do(scene: Scene, act: Act, drawn: Drawn): Promise<Outcome[]> {
    switch (act.do) {
      case 'send':
        return this.#inTurn(Array.from({ length: act.times }, () => () => this.#send(scene, act)));
      case 'pitch':
        await this.#troupe.bring(drawn.map((username) => ({ username, follows: [act.from] })));
        return this.#inTurn(
          drawn.map(
            (to, i) => () => this.#write(act.from, to, { template: act.template, name: i }),
          ),
        );
      case 'welcome':
        await this.#troupe.bring(drawn.map((username) => ({ username })));
        return this.#inTurn(
          drawn.map((name) => () => this.#inConversation(name, act.from, 'POST', '/accept')),
        );
      case 'wait':
        await this.#troupe.advance(act.ms);
        if (act.ms >= day)
          await this.#troupe.renew(cast.filter((name) => !scene.world.people.get(name)!.isGone));
        return ['done'];
      default:
        return [await this.#doOne(scene, act)];
    }
  }

  async #doOne(
    scene: Scene,
    act: Exclude<Act, { do: 'send' | 'pitch' | 'welcome' | 'wait' }>,
  ): Promise<Outcome> {
    switch (act.do) {
      case 'edit': {
        const path = `/messages/${editedSeq(scene, act)}`;
        return this.#inConversation(act.from, act.to, 'PATCH', path, { text: render(act.text) });
      }
      case 'accept':
      case 'decline':
      case 'unaccept':
        return this.#inConversation(act.who, act.about, 'POST', `/${act.do}`);
      case 'bulk':
        return this.#bulk(act);
      case 'block':
      case 'unblock':
      case 'follow':
      case 'unfollow': {
        const method = act.do.startsWith('un') ? 'DELETE' : 'PUT';
        return this.#toPerson(act, method, `/${act.do.replace('un', '')}`);
      }
      case 'report':
        return this.#toPerson(act, 'POST', '/report', { reason: 'They pitch.' });
      case 'grant':
      case 'revoke': {
        const path = `/api/consent/${this.#troupe.actor(act.about).username}/${act.purpose}`;
        const isGrant = act.do === 'grant';
        return outcomeOf(
          await this.#troupe.call(
            act.who,
            isGrant ? 'PUT' : 'DELETE',
            path,
            isGrant ? {} : undefined,
          ),
        );
      }
      case 'unsubscribe':
        return this.#unsubscribe(scene, act);
      case 'reach':
        return outcomeOf(
          await this.#troupe.call(act.who, 'PATCH', '/api/settings', { reach: act.reach }),
        );
      case 'rename':
        return outcomeOf(await this.#troupe.call(act.who, 'PATCH', '/api/me', { name: act.name }));
      case 'delete':
        return outcomeOf(await this.#troupe.call(act.who, 'DELETE', '/api/me'));
    }
  }

  /** What `viewer` is shown of `other`. */
  async glance(viewer: Name, other: Name): Promise<Glance> {
    const profile = await this.#troupe.call<ProfileView>(viewer, 'GET', this.#pathOf(other));
    if (profile.status !== 200) throw new Error(`${viewer} cannot look at ${other}`);
    const { contact, grants } = profile.body;
    const glance: Glance = {
      place: null,
      state: 'none',
      quiet: null,
      contact: contact.allowed ? `${contact.arrives}` : `${contact.code}`,
      grants,
      texts: [],
    };
    const id = this.#conversations.get(pairKey(viewer, other));
    if (id === undefined) return glance;
    const [row, texts] = await Promise.all([
      this.#troupe.call<ViewedConversation>(viewer, 'GET', `/api/conversations/${id}`),
      this.#texts(viewer, other, id),
    ]);
    if (row.status === 404) return { ...glance, place: 'closed', texts };
    const { folder, state, quiet, quietReasons, contact: inside } = row.body.conversation;
    const isSame = inside.allowed === contact.allowed && inside.code === contact.code;
    return {
      ...glance,
      place: folder,
      state,
      quiet: quietOf(row.body.conversation.state, folder, quiet, quietReasons),
      contact: isSame
        ? glance.contact
        : `${glance.contact}, but ${inside.code} in the conversation`,
      texts,
    };
  }

  /** In which folders the conversations with these people lie for `viewer`, and how many requests are counted. */
  async folders(viewer: Name): Promise<{ places: Map<Name, string>; requests: unknown }> {
    const places = new Map<Name, string>();
    let requests: unknown;
    for (const folder of ['inbox', 'requests', 'archive'] as const) {
      const path = `/api/conversations?folder=${folder}&limit=200`;
      const page = await this.#troupe.call<{ conversations: Conversation[]; requests: unknown }>(
        viewer,
        'GET',
        path,
      );
      ({ requests } = page.body);
      for (const { members } of page.body.conversations) {
        for (const name of cast) {
          const { username } = this.#troupe.actor(name);
          if (name !== viewer && members.some((member) => member.username === username)) {
            places.set(name, places.has(name) ? 'two folders' : folder);
          }
        }
      }
    }
    return { places, requests };
  }

  async #inTurn(steps: (() => Promise<Outcome>)[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const step of steps) outcomes.push(await step());
    return outcomes;
  }

  async #send(scene: Scene, act: Act & { do: 'send' }): Promise<Outcome> {
    const { from, to, text, claim } = act;
    const place = placeOf(scene.world, from, to);
    const id = this.#conversations.get(pairKey(from, to));
    // A conversation that is closed for somebody has no id for them; they can still begin anew by name.
    const byId = act.door.endsWith('-id') && place !== 'closed' && place !== null;
    const known = byId && id !== undefined ? { id } : {};
    const claimed = claim === undefined ? {} : { purpose: claim };
    const isBySocket = act.as === 'session' && act.door.startsWith('socket');
    const outcome = isBySocket
      ? await this.#writeBySocket(from, to, text, { ...known, ...claimed })
      : await this.#write(from, to, text, { ...known, ...claimed, as: act.as });
    // By name nobody is there any more; the one who has the conversation is told more.
    const isGone = scene.world.people.get(to)!.isGone;
    return isGone && outcome === 'not_found' && !('id' in known) ? 'recipient_gone' : outcome;
  }

  async #write(
    from: Name,
    to: Name,
    text: Text,
    how: { id?: string; purpose?: string; as?: 'session' | 'key' } = {},
  ): Promise<Outcome> {
    const { id, purpose, as = 'session' } = how;
    const path = id ?? `with/${this.#troupe.actor(to).username}`;
    const { token, key } = this.#troupe.actor(from);
    const answer = await call<{ message: Message; arrived: 'inbox' | 'requests' }>(
      this.#troupe.url,
      as === 'key' ? key : token,
      'POST',
      `/api/conversations/${path}/messages`,
      { clientId: randomUUID(), text: render(text), ...(purpose === undefined ? {} : { purpose }) },
    );
    if (answer.status !== 201) return outcomeOf(answer, [202]);
    this.#conversations.set(pairKey(from, to), answer.body.message.conversationId);
    return answer.body.arrived;
  }

  async #writeBySocket(
    from: Name,
    to: Name,
    text: Text,
    how: { id?: string; purpose?: string },
  ): Promise<Outcome> {
    const socket = await this.#troupe.socket(from);
    const clientId = randomUUID();
    const { id, purpose } = how;
    const target =
      id === undefined ? { to: this.#troupe.actor(to).username } : { conversationId: id };
    const claimed = purpose === undefined ? {} : { purpose };
    socket.send({ t: 'send', clientId, text: render(text), ...target, ...claimed });
    const answer = await until(() =>
      socket.frames.findLast(
        (frame) =>
          (frame.t === 'ack' || frame.t === 'refused') &&
          'clientId' in frame &&
          frame.clientId === clientId,
      ),
    );
    if (answer.t === 'refused') return answer.code;
    if (answer.t !== 'ack') throw new Error('neither ack nor refused');
    this.#conversations.set(pairKey(from, to), answer.conversationId);
    return answer.arrived;
  }

  async #bulk({ who, about, action }: Act & { do: 'bulk' }): Promise<Outcome> {
    const ids = [this.#conversations.get(pairKey(who, about))];
    const answer = await this.#troupe.call<{ results: { outcome: string }[] }>(
      who,
      'POST',
      '/api/requests',
      { ids, action },
    );
    return answer.status === 200 ? (answer.body.results[0]!.outcome as Outcome) : outcomeOf(answer);
  }

  async #unsubscribe(scene: Scene, { who, about }: Act & { do: 'unsubscribe' }): Promise<Outcome> {
    const { seq } = latestOffer(talkOf(scene.world, who, about), about)!;
    const path = this.#unsubscribes.get(`${who} ${about} ${seq}`);
    if (path === undefined) throw new Error(`message ${seq} of ${about} has no unsubscribe link`);
    // By somebody who is not signed in.
    return outcomeOf(await call(this.#troupe.url, null, 'POST', path));
  }

  /** The texts of the conversation, and on the way the unsubscribe links in it. */
  async #texts(viewer: Name, other: Name, id: string): Promise<string[]> {
    const page = await this.#troupe.call<{ messages: Message[] }>(
      viewer,
      'GET',
      `/api/conversations/${id}/messages?limit=200`,
    );
    if (page.status !== 200) return [];
    for (const { seq, unsubscribe } of page.body.messages) {
      if (unsubscribe !== undefined)
        this.#unsubscribes.set(`${viewer} ${other} ${seq}`, unsubscribe);
    }
    return page.body.messages.map((message) => message.text);
  }

  async #toPerson(
    { who, about }: { who: Name; about: Name },
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Outcome> {
    return outcomeOf(await this.#troupe.call(who, method, this.#pathOf(about) + path, body));
  }

  async #inConversation(
    who: Name,
    about: Name,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Outcome> {
    const id = this.#conversations.get(pairKey(who, about));
    return outcomeOf(await this.#troupe.call(who, method, `/api/conversations/${id}${path}`, body));
  }

  #pathOf(name: Name): string {
    return `/api/people/${this.#troupe.actor(name).username}`;
  }
}

function pairKey(one: Name, other: Name): string {
  return [one, other].toSorted().join(' and ');
}

function quietOf(
  state: Conversation['state'],
  folder: Conversation['folder'],
  quiet: boolean | undefined,
  reasons: Conversation['quietReasons'],
): Glance['quiet'] {
  const isRequest = state === 'pending' && folder === 'requests';
  if (!isRequest && !quiet) return null;
  return quiet ? (reasons ?? []).toSorted() : [];
}

/** A refusal that is not in the catalogue, or comes with another status, is none that was expected. */
function outcomeOf(answer: Answer<unknown>, refusals: number[] = []): Outcome {
  const { status } = answer;
  if (status < 300 && !refusals.includes(status)) return 'done';
  const { code } = answer.body as { code: ErrorCode };
  const isProper = errorCatalogue[code]?.status === status;
  return isProper ? code : (`${code} with status ${status}` as ErrorCode);
}
