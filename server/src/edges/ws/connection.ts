import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import {
  closeCodes,
  type ClientFrame,
  type CloseReason,
  type Origin,
  type PersonKind,
  type ServerFrame,
} from '@aside/protocol';
import type { PersonId, SessionId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { nextRequestId } from '../../base/request-id.ts';
import { takeToken, type Bucket } from '../../domain/token-bucket.ts';
import { encode, type LiveSocket } from '../../delivery/live-sockets.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { answerFrame, answerSend, welcome } from './answer-frame.ts';
import type { SocketContext } from './context.ts';
import { parseFrame } from './parse-frame.ts';

// One socket from its first frame to its end: hello, then frames in order, with a bound on everything that waits.

const helloTimeoutMs = 10_000;
/** Sends of one socket waiting for their commit; beyond, reading pauses. */
const inFlightMax = 256;
/** Frames besides `send`, which has its own limit. */
const frameRule = { ratePerSecond: 50, burst: 200 };

/** Refusals for haste: who sends twenty times too fast still hears of each. */
const refusalRule = { ratePerSecond: 1_000, burst: 1_000 };
const slowMs = 200;

export class Connection implements LiveSocket {
  personId!: PersonId;
  sessionId!: SessionId;
  origin!: Origin;
  suspended!: boolean;
  kind!: PersonKind;
  /** Cleared by each pong; still set at the next beat means the other end is gone. */
  awaitsPong = false;
  /** Names this socket in the logs. */
  private readonly requestId = nextRequestId();
  private readonly ws: WebSocket;
  private readonly line: Duplex;
  private expiresAt = Number.POSITIVE_INFINITY;
  private isGathering = false;
  private readonly context: SocketContext;
  private state: 'waiting' | 'greeting' | 'live' | 'closed' = 'waiting';
  private bucket: Bucket | undefined;
  private refusals: Bucket | undefined;
  private slowTimer: NodeJS.Timeout | undefined;
  private inFlight = 0;
  private readonly queue: { frame: ClientFrame; bytes: number }[] = [];
  private queuedBytes = 0;
  /** What happened while the welcome was being put together; it goes out right after. */
  private readonly held: Buffer[] = [];
  private heldBytes = 0;
  private readonly stalled: { frame: Buffer; done: () => void }[] = [];
  private stalledBytes = 0;
  private isDraining = false;
  private whenIdle: (() => void) | undefined;
  private working = false;
  private readonly helloTimer: NodeJS.Timeout;
  /** Whom the headers of the handshake name, asked again at the hello: the session may have ended since. */
  private readonly resolveHandshake: () => Promise<Viewer | null>;

  constructor(
    ws: WebSocket,
    line: Duplex,
    context: SocketContext,
    resolveHandshake: () => Promise<Viewer | null>,
  ) {
    this.ws = ws;
    this.line = line;
    this.context = context;
    this.resolveHandshake = resolveHandshake;
    context.tallies.opened += 1;
    this.helloTimer = setTimeout(() => this.close('helloTimeout'), helloTimeoutMs);
    ws.on('message', (data: Buffer, isBinary) => this.receive(data, isBinary));
    // Answered by themselves, but not without end.
    ws.on('ping', () => {
      if (!this.mayDo()) this.close('tooMany');
    });
    ws.on('pong', () => (this.awaitsPong = false));
    ws.on('close', () => this.ended('gone'));
    // A frame that is too large or malformed ends the socket through `close`; there is nothing else to do.
    ws.on('error', () => {});
  }

  push(frame: Buffer): void {
    if (this.state !== 'greeting') return this.write(frame);
    this.held.push(frame);
    this.heldBytes += frame.length;
    if (this.heldBytes > this.context.bufferMaxBytes) this.cutOff();
  }

  send(frame: ServerFrame): void {
    this.write(encode(frame));
  }

  /** Resolves when the frame has left for the network, or when the socket is closed. */
  sendThrough(frame: ServerFrame): Promise<void> {
    return new Promise((resolve) => this.write(encode(frame), () => resolve()));
  }

  private write(frame: Buffer, done: () => void = () => {}): void {
    if (this.state === 'closed') return done();
    if (this.stalled.length > 0 || !this.context.live.lease.holds()) return this.stall(frame, done);
    const { tallies } = this.context;
    if (this.isFull()) {
      // What this turn gathered has not had its chance to leave yet.
      this.flush();
      if (this.isFull()) {
        this.cutOff();
        return done();
      }
    }
    this.gather();
    tallies.framesOut += 1;
    tallies.bytesOut += frame.length;
    this.ws.send(frame, { binary: false }, done);
  }

  /** What may not be told before this node knows again that the session goes on. */
  private stall(frame: Buffer, done: () => void): void {
    this.stalled.push({ frame, done });
    this.stalledBytes += frame.length;
    if (this.stalledBytes > this.context.bufferMaxBytes) return this.cutOff();
    if (this.stalled.length === 1)
      void this.context.live.lease.renewed().then(() => this.unstall());
  }

  private unstall(): void {
    this.stalledBytes = 0;
    for (const { frame, done } of this.stalled.splice(0)) this.write(frame, done);
  }

  private isFull(): boolean {
    return this.ws.bufferedAmount > this.context.bufferMaxBytes;
  }

  /** Frames of one turn of the event loop leave in one write: system calls were a quarter of the server's time. */
  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    this.line.cork();
    setImmediate(() => this.flush());
  }

  private flush(): void {
    if (!this.isGathering) return;
    this.isGathering = false;
    this.line.uncork();
  }

  close(reason: CloseReason): void {
    if (this.state === 'closed') return;
    this.ended(reason);
    this.ws.close(closeCodes[reason].code, closeCodes[reason].meaning);
    // Who floods may go on after this, and each frame would still be read.
    if (reason === 'tooMany') this.cutSoon();
  }

  /** Takes nothing new, answers what was taken, then closes. Frames not begun yet are the client's to send again. */
  async drain(): Promise<void> {
    this.isDraining = true;
    this.ws.pause();
    this.queue.length = 0;
    await new Promise<void>((resolve) => {
      this.whenIdle = resolve;
      this.tellIdle();
    });
    this.flush();
    // Reading again lets the closing handshake through.
    this.ws.resume();
    this.close('goingAway');
  }

  /** One beat of the heart: asks for a pong and gives up on who did not answer the last one. */
  beat(): void {
    if (this.hasRunOut()) return this.close('renew');
    if (this.awaitsPong) return this.ws.terminate();
    this.awaitsPong = true;
    this.ws.ping();
  }

  /** The other end does not read: a close frame would wait behind all that is unread, so the line is cut. */
  private cutOff(): void {
    this.context.tallies.bytesDropped += this.ws.bufferedAmount + this.heldBytes;
    this.ended('tooSlow');
    this.ws.close(closeCodes.tooSlow.code, closeCodes.tooSlow.meaning);
    this.cutSoon();
  }

  private cutSoon(): void {
    setTimeout(() => this.ws.terminate(), 1_000).unref();
  }

  private ended(reason: CloseReason | 'gone'): void {
    if (this.state === 'closed') return;
    this.context.tallies.closed.add(reason);
    const wasLive = this.state === 'live' || this.state === 'greeting';
    this.state = 'closed';
    clearTimeout(this.helloTimer);
    clearTimeout(this.slowTimer);
    this.queue.length = 0;
    this.unstall();
    this.context.forget(this);
    if (wasLive) this.context.live.remove(this);
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (this.state === 'closed') return;
    this.context.tallies.framesIn += 1;
    this.context.tallies.bytesIn += data.length;
    if (this.hasRunOut()) return this.close('renew');
    const frame = isBinary ? null : parseFrame(data.toString('utf8'));
    if (!frame && this.state === 'waiting') return this.close('badFrame');
    if (frame?.t !== 'send' && !this.mayDo()) return this.close('tooMany');
    if (!frame) {
      return this.send({ t: 'error', code: 'invalid', detail: 'This frame is not one of ours.' });
    }
    if (this.isDraining) return;
    this.queue.push({ frame, bytes: data.length });
    this.queuedBytes += data.length;
    const isFull =
      this.queue.length > inFlightMax || this.queuedBytes > this.context.bufferMaxBytes;
    if (isFull) this.ws.pause();
    if (!this.working) void this.work();
  }

  /** Using the session elsewhere may have renewed it; a new hello finds out. */
  private hasRunOut(): boolean {
    return this.expiresAt <= this.context.world.clock.now();
  }

  private mayDo(): boolean {
    const outcome = takeToken(this.bucket, frameRule, this.context.world.clock.now());
    this.bucket = outcome.bucket;
    return outcome.taken;
  }

  /** Frames in the order they came. A send to a conversation is only started here, so that many share one commit. */
  private async work(): Promise<void> {
    this.working = true;
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      this.queuedBytes -= next.bytes;
      if (this.queue.length === 0) this.readOn();
      try {
        await this.handle(next.frame);
      } catch (error) {
        this.refuse(next.frame, error);
      }
    }
    this.working = false;
    this.readOn();
    this.tellIdle();
  }

  /** Every refusal is answered, but nobody gets more of them than this: what comes beyond waits in the network. */
  private slowDown(): void {
    const outcome = takeToken(this.refusals, refusalRule, this.context.world.clock.now());
    this.refusals = outcome.bucket;
    if (outcome.taken || this.slowTimer !== undefined || this.isClosed()) return;
    this.ws.pause();
    this.slowTimer = setTimeout(() => {
      this.slowTimer = undefined;
      this.readOn();
    }, slowMs);
  }

  private readOn(): void {
    if (this.ws.isPaused && !this.isDraining && this.slowTimer === undefined) this.ws.resume();
  }

  private tellIdle(): void {
    if (!this.working && this.inFlight === 0) this.whenIdle?.();
  }

  private async handle(frame: ClientFrame): Promise<void> {
    const { lease } = this.context.live;
    if (!lease.holds()) await lease.renewed();
    if (this.isClosed()) return;
    if (this.state === 'waiting') return this.greet(frame);
    if (frame.t !== 'send') return answerFrame(this.context, this, frame);
    this.inFlight += 1;
    const settled = (): void => {
      this.inFlight -= 1;
      this.tellIdle();
    };
    const failed = (error: unknown): void => {
      this.refuse(frame, error);
      settled();
    };
    const done = answerSend(this.context, this, frame).then(settled, failed);
    // A first message looks people up before it is queued; later frames must not overtake it.
    if (frame.to !== undefined || this.inFlight >= inFlightMax) await done;
  }

  private async greet(frame: ClientFrame): Promise<void> {
    if (frame.t !== 'hello') return this.close('badFrame');
    this.state = 'greeting';
    const { token } = frame;
    const resolve =
      token === undefined ? this.resolveHandshake : () => this.context.resolveToken(token);
    const viewer = await resolve();
    if (!viewer) return this.close('signInAgain');
    if (this.isClosed()) return;
    if (!this.context.mayGreet(viewer.personId)) return this.close('tooMany');
    clearTimeout(this.helloTimer);
    this.context.greeted(this);
    this.become(viewer);
    // Live first, then the catch-up is read: what commits in between comes twice rather than not at all.
    this.context.live.add(this);
    // News of a session's end or a suspension goes to the sockets that are live by then; this one may have missed it.
    const now = await resolve();
    if (!now) return this.close('signInAgain');
    this.become(now);
    await welcome(this.context, this, frame.pos);
    if (this.isClosed()) return;
    this.state = 'live';
    for (const held of this.held.splice(0)) this.write(held);
  }

  private become(viewer: Viewer): void {
    this.personId = viewer.personId;
    this.sessionId = viewer.sessionId;
    this.origin = viewer.origin;
    this.suspended = viewer.suspended;
    this.kind = viewer.kind;
    this.expiresAt = viewer.expiresAt;
  }

  isClosed(): boolean {
    return this.state === 'closed';
  }

  private refuse(frame: ClientFrame, error: unknown): void {
    if (!(error instanceof Refusal)) {
      const { requestId } = this;
      this.context.world.log.error({ err: error, frame: frame.t, requestId }, 'a frame failed');
    }
    const refusal = error instanceof Refusal ? error : new Refusal('internal');
    const { code, message: detail } = refusal;
    const retry = refusal.data.retryAfterMs;
    if (code === 'rate_limited') this.slowDown();
    if (frame.t === 'send') {
      const wait = retry === undefined ? {} : { retryAfterSeconds: Math.ceil(retry / 1000) };
      const until = refusal.data.until ? { until: refusal.data.until.toISOString() } : {};
      this.send({ t: 'refused', clientId: frame.clientId, code, detail, ...wait, ...until });
    } else if (frame.t === 'hello' && this.state === 'greeting') {
      this.close(code === 'unauthenticated' ? 'signInAgain' : 'goingAway');
    } else {
      this.send({ t: 'error', code, detail });
    }
  }
}
