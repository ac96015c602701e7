import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Conversation, Message, ServerFrame, Tick } from '@aside/protocol';
import type { Entry, MemberLog, PurposeName, Send } from './evidence.ts';
import type { Tally } from './tally.ts';
import { ask, askUntilAnswered, isTemporary, type Answer } from './wire.ts';
import { sleep } from './wait.ts';

// One person's device: a socket that comes back with its `pos`, an outbox that repeats its client ids, and a log made of
// frames and of the pages that it pulled where a number was missing.

export interface Account {
  id: string;
  username: string;
  token: string;
}

/** A send that got no answer for so long on a living socket is sent again. */
const unansweredMs = 4_000;
const pageLimit = 200;

export class Member {
  readonly id: string;
  readonly username: string;
  readonly sends: Send[] = [];
  readonly contradictions: string[] = [];
  readonly sockets: { conversationId: string; seq: number }[][] = [];
  readonly log = new Map<string, Entry[]>();
  welcomes = 0;
  private readonly url: string;
  private readonly token: string;
  private readonly tally: Tally;
  private readonly stopping = new AbortController();
  private readonly outbox = new Map<string, Waiting>();
  /** Conversations with a pull under way; true when another was asked for meanwhile. */
  private readonly pulling = new Map<string, boolean>();
  private pos = 0;
  private ws: WebSocket | null = null;
  private isLive = false;
  private beat: NodeJS.Timeout | undefined;

  constructor(url: string, account: Account, tally: Tally) {
    this.url = url;
    this.id = account.id;
    this.username = account.username;
    this.token = account.token;
    this.tally = tally;
  }

  get isConnected(): boolean {
    return this.isLive;
  }

  get unanswered(): number {
    return this.outbox.size;
  }

  start(): void {
    this.beat = setInterval(() => this.repeatUnanswered(), 250);
    this.connect();
  }

  /** Sends once, however often that takes; resolves with the ack or the final refusal. */
  send(
    other: { id: string; username: string },
    conversationId: string | null,
    text: string,
    door: 'socket' | 'http' = 'socket',
  ): Promise<Send> {
    const send = this.begin(other.id, text, 'personal');
    const target = conversationId === null ? { to: other.username } : { conversationId };
    if (door === 'http') return this.sendOverHttp(send, target);
    return new Promise((resolve) => {
      const waiting: Waiting = { send, target, sentAt: 0, resolve };
      this.outbox.set(send.clientId, waiting);
      this.put(waiting);
    });
  }

  /** The same with a key of one's own, as a program sends: over HTTP, and never personal. */
  sendAsProgram(
    key: string,
    other: { id: string; username: string },
    purpose: PurposeName,
    text: string,
  ): Promise<Send> {
    const send = this.begin(other.id, text, purpose);
    return this.sendOverHttp(send, { to: other.username }, key);
  }

  /** Any other request of this person, repeated until it is answered; null when the run ended first. */
  call(method: string, path: string, body?: unknown): Promise<Answer | null> {
    return askUntilAnswered(
      this.stopping.signal,
      (answer) => this.tally.answered(answer),
      () => ask(this.url, this.token, method, path, body),
    );
  }

  read(conversationId: string): void {
    if (!this.isLive) return;
    const seq = this.log.get(conversationId)?.at(-1)?.seq ?? 0;
    this.ws!.send(JSON.stringify({ t: 'read', conversationId, seq }));
  }

  /** Cuts its own line without a word, as a train does in a tunnel. */
  cut(): void {
    this.ws?.terminate();
  }

  /** Whether the device holds what is stored up to these heads, and nothing is under way. */
  holds(heads: ReadonlyMap<string, number>): boolean {
    if (!this.isLive || this.pulling.size > 0) return false;
    return [...heads].every(([id, head]) => (this.log.get(id)?.at(-1)?.seq ?? 0) >= head);
  }

  stop(): void {
    this.stopping.abort();
    clearInterval(this.beat);
    this.ws?.terminate();
    for (const waiting of this.outbox.values()) waiting.resolve(waiting.send);
    this.outbox.clear();
  }

  witness(): MemberLog {
    const { id, log, sockets, contradictions } = this;
    return { personId: id, log, sockets, contradictions };
  }

  private begin(otherId: string, text: string, purpose: PurposeName): Send {
    const send: Send = {
      personId: this.id,
      otherId,
      clientId: randomUUID(),
      text,
      purpose,
      tries: 0,
      begunAt: performance.now(),
      answeredAt: null,
      ack: null,
      refusal: null,
    };
    this.sends.push(send);
    return send;
  }

  private async sendOverHttp(
    send: Send,
    target: { to: string } | { conversationId: string },
    key = this.token,
  ): Promise<Send> {
    const place = 'to' in target ? `with/${target.to}` : target.conversationId;
    const { clientId, text, purpose } = send;
    const claim = key === this.token ? {} : { purpose };
    const answer = await askUntilAnswered(
      this.stopping.signal,
      (one) => this.tally.answered(one),
      () => {
        send.tries += 1;
        return ask(this.url, key, 'POST', `/api/conversations/${place}/messages`, {
          clientId,
          text,
          ...claim,
        });
      },
    );
    if (answer === null) return send;
    if (answer.status >= 300) return this.refused(send, String(answer.body['code']));
    return this.acked(send, answer.body['message'] as Message);
  }

  private acked(send: Send, ack: { conversationId: string; seq: number; id: string }): Send {
    const { conversationId, seq, id } = ack;
    send.answeredAt = performance.now();
    send.ack = { conversationId, seq, id };
    this.tally.acks += 1;
    return send;
  }

  private refused(send: Send, code: string): Send {
    send.answeredAt = performance.now();
    send.refusal = code;
    this.tally.refusals += 1;
    return send;
  }

  private connect(): void {
    if (this.stopping.signal.aborted) return;
    const ws = new WebSocket(`${this.url.replace('http', 'ws')}/api/socket`, {
      handshakeTimeout: 5_000,
    });
    const frames: { conversationId: string; seq: number }[] = [];
    this.ws = ws;
    this.sockets.push(frames);
    ws.on('open', () => ws.send(JSON.stringify({ t: 'hello', token: this.token, pos: this.pos })));
    ws.on('message', (data: Buffer) =>
      this.hear(JSON.parse(data.toString()) as ServerFrame, frames),
    );
    ws.on('error', () => {});
    ws.on('close', (code) => {
      this.isLive = false;
      if (code === 4401) this.contradictions.push('was told to sign in again');
      void this.connectAgain();
    });
  }

  private async connectAgain(): Promise<void> {
    // Uneven, so that a whole house does not come back at one moment.
    await sleep(30 + Math.random() * 150, undefined, { ref: false });
    this.connect();
  }

  private hear(frame: ServerFrame, frames: { conversationId: string; seq: number }[]): void {
    switch (frame.t) {
      case 'welcome':
        this.isLive = true;
        this.welcomes += 1;
        for (const waiting of this.outbox.values()) this.put(waiting);
        return;
      case 'message':
        frames.push({ conversationId: frame.conversationId, seq: frame.message.seq });
        return this.take(frame.message, 'frame');
      case 'inbox':
        return this.hearRows(frame.rows, frame.pos);
      case 'tick':
        return this.hearRows(
          frame.rows.map((row: Tick) => ({ id: row.conversationId, headSeq: row.headSeq })),
          frame.pos,
        );
      case 'ack':
        return this.settle(frame.clientId, (send) => this.acked(send, frame));
      case 'refused':
        return this.hearRefusal(frame.clientId, frame.code, frame.retryAfterSeconds ?? 0);
      case 'error':
        this.tally.note(`error frame: ${frame.code}`);
        return;
      case 'changed':
      case 'dropped':
      case 'typing':
      case 'me':
      case 'pong':
        return;
    }
  }

  private hearRows(rows: readonly Pick<Conversation, 'id' | 'headSeq'>[], pos: number): void {
    this.pos = Math.max(this.pos, pos);
    for (const row of rows) {
      if (row.headSeq > this.lastSeq(row.id)) void this.pull(row.id);
    }
  }

  private hearRefusal(clientId: string, code: string, retryAfterSeconds: number): void {
    if (code === 'internal') this.tally.internal += 1;
    if (!['internal', 'overloaded', 'rate_limited'].includes(code)) {
      return this.settle(clientId, (send) => this.refused(send, code));
    }
    const waiting = this.outbox.get(clientId);
    this.tally.comeBacks += 1;
    // Due again after the time named, at most half a second: the heartbeat looks for what is due.
    const pauseMs = Math.min(retryAfterSeconds * 1_000, 500);
    if (waiting) waiting.sentAt = performance.now() - unansweredMs + pauseMs;
  }

  private settle(clientId: string, how: (send: Send) => Send): void {
    const waiting = this.outbox.get(clientId);
    if (!waiting) return;
    this.outbox.delete(clientId);
    waiting.resolve(how(waiting.send));
  }

  private put(waiting: Waiting): void {
    if (!this.isLive) return;
    waiting.sentAt = performance.now();
    waiting.send.tries += 1;
    const { clientId, text } = waiting.send;
    this.ws!.send(JSON.stringify({ t: 'send', clientId, text, ...waiting.target }));
  }

  private repeatUnanswered(): void {
    const now = performance.now();
    for (const waiting of this.outbox.values()) {
      if (now - waiting.sentAt > unansweredMs) this.put(waiting);
    }
  }

  private lastSeq(conversationId: string): number {
    return this.log.get(conversationId)?.at(-1)?.seq ?? 0;
  }

  /** A frame that leaves a gap is not taken; the gap is pulled, and the frame with it. Pages are taken as they are. */
  private take(message: Message, from: 'frame' | 'page'): void {
    const { conversationId, seq, id, senderId, text } = message;
    const entry: Entry = { conversationId, seq, id, senderId, clientId: message.clientId!, text };
    const list = this.log.get(conversationId) ?? [];
    this.log.set(conversationId, list);
    const last = list.at(-1)?.seq ?? 0;
    if (seq <= last) {
      const known = list[seq - 1] ?? list.find((one) => one.seq === seq);
      if (known?.seq !== seq || known.id !== id || known.text !== text) {
        this.contradictions.push(`was told twice, differently, what ${conversationId}/${seq} is`);
      }
    } else if (from === 'frame' && seq > last + 1) void this.pull(conversationId);
    else list.push(entry);
  }

  private async pull(conversationId: string): Promise<void> {
    if (this.pulling.has(conversationId)) {
      this.pulling.set(conversationId, true);
      return;
    }
    do {
      this.pulling.set(conversationId, false);
      await this.pullPages(conversationId);
    } while (this.pulling.get(conversationId) && !this.stopping.signal.aborted);
    this.pulling.delete(conversationId);
  }

  private async pullPages(conversationId: string): Promise<void> {
    for (;;) {
      const after = this.lastSeq(conversationId);
      const answer = await this.call(
        'GET',
        `/api/conversations/${conversationId}/messages?after=${after}&limit=${pageLimit}`,
      );
      if (answer === null || isTemporary(answer)) return;
      if (answer.status !== 200) {
        this.contradictions.push(`could not read ${conversationId}: ${answer.status}`);
        return;
      }
      const { messages, hasMore } = answer.body as unknown as {
        messages: Message[];
        hasMore: boolean;
      };
      this.tally.pages += 1;
      for (const message of messages) this.take(message, 'page');
      if (!hasMore || messages.length === 0) return;
    }
  }
}

interface Waiting {
  send: Send;
  target: { to: string } | { conversationId: string };
  sentAt: number;
  resolve(send: Send): void;
}
