import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestAction } from '@aside/protocol';
import { createMemoryBrowser } from '../platform/memory.ts';
import type { AppStore } from './model.ts';
import { fairWeather, FakeServer } from './test/fake-server.ts';
import { openLivePage } from './test/page.ts';

// Stale state and events, in whatever order and however many of them get lost, must end as fresh state.

type Step =
  | { do: 'they-say' | 'i-say-elsewhere' | 'i-send' | 'open' | 'close' | 'before'; talk: number }
  | { do: 'read-elsewhere' | 'read-here'; talk: number; seq: number }
  | { do: 'archive' | 'unarchive' | 'mute' | 'unmute' | 'they-offer' | 'they-edit'; talk: number }
  | { do: 'decide-here' | 'decide-elsewhere'; talk: number; action: Action }
  | { do: 'decide-many'; action: RequestAction }
  | { do: 'new-request' | 'new-quiet-request' | 'more-quiet' }
  | { do: 'new-talk' | 'cut' | 'offline' | 'online' | 'more' | 'release' | 'retry' }
  | { do: 'wait'; ms: number };

type Action = RequestAction | 'unaccept';

const talkCount = 56;
/** Of these the first stand in the requests when it begins. */
const requestCount = 6;
// Few conversations get most of the traffic, so that gaps and repeats meet each other.
const talk = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: talkCount - 1 }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('they-say' as const, 'they-say' as const, 'i-say-elsewhere' as const),
      talk,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'i-send' as const,
        'i-send' as const,
        'open' as const,
        'close' as const,
        'before' as const,
      ),
      talk,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('read-elsewhere' as const, 'read-here' as const),
      talk,
      seq: fc.integer({ min: 0, max: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'archive' as const,
        'unarchive' as const,
        'mute' as const,
        'unmute' as const,
        'they-offer' as const,
        'they-edit' as const,
      ),
      talk,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('decide-here' as const, 'decide-elsewhere' as const),
      talk: fc.integer({ min: 0, max: requestCount - 1 }),
      action: fc.constantFrom<Action>('accept', 'decline', 'block', 'unaccept'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('decide-many' as const),
      action: fc.constantFrom<RequestAction>('accept', 'decline'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'new-request' as const,
        'new-quiet-request' as const,
        'more-quiet' as const,
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'new-talk' as const,
        'cut' as const,
        'offline' as const,
        'online' as const,
        'more' as const,
        'release' as const,
      ),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(900) }) },
);

describe('whatever the network does', () => {
  it('a page ends with what a fresh page shows, and every message is sent once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 70 }),
        fc.infiniteStream(fc.nat(99)),
        async (steps, luck) => {
          const { server, sent, page, fresh, onScreen, time } = await liveThrough(steps, luck);
          await compare(page.store, fresh.store, onScreen, time);
          expect(page.store.getState().outbox).toEqual([]);
          expectSentOnceInOrder(server, sent);
          page.store.stop();
          fresh.store.stop();
          expect(time.pendingTimers()).toBe(0);
          expect(server.sockets.size).toBe(0);
        },
      ),
      { numRuns: Number(process.env['CONVERGENCE_RUNS'] ?? 60) },
    );
  }, 600_000);
});

async function liveThrough(steps: readonly Step[], luck: Iterator<number>) {
  const browser = createMemoryBrowser();
  const { time } = browser;
  const server = new FakeServer(time);
  const me = server.addPerson('me');
  const talks: string[] = [];
  for (let index = 0; index < talkCount; index += 1) {
    await time.advance(7);
    const friend = server.addPerson(`friend${index}`);
    if (index < requestCount) {
      talks.push(server.addRequest(friend, me, 'do I know you', index % 2 === 1));
      continue;
    }
    const id = server.addTalk(me, friend);
    server.say(id, friend.id, 'hello');
    talks.push(id);
  }
  const draw = () => luck.next().value as number;
  server.weather = {
    message: () => pick(draw(), [70, 'send'], [82, 'lose'], [91, 'repeat'], [100, 'hold']),
    tick: () => pick(draw(), [70, 'send'], [100, 'later']),
    http: () => pick(draw(), [80, 'answer'], [90, 'lost'], [100, 'unanswered']),
    latencyMs: () => draw() * 6,
  };
  const page = await openLivePage(server, browser, me.id);
  const { store, ports } = page;
  // Nobody writes before the page knows who is there.
  while (store.getState().session !== 'signed-in') await time.advance(500);
  const onScreen = new Set<string>();
  const sent: { clientId: string; text: string; talkId: string }[] = [];

  for (const current of steps) {
    await time.advance(3);
    if (current.do === 'wait') await time.advance(current.ms);
    else if (current.do === 'cut') server.closeSockets(me.id, 1006);
    else if (current.do === 'offline') ports.goOnline(false);
    else if (current.do === 'online') ports.goOnline(true);
    else if (current.do === 'more') void store.loadMoreInbox('inbox');
    else if (current.do === 'release') server.releaseHeld();
    else if (current.do === 'more-quiet') void store.loadMoreInbox('quiet');
    else if (current.do === 'decide-many') {
      const ids = [...store.getState().folders.requests.order].slice(0, 3);
      if (ids.length > 0) void store.decideRequests(ids, current.action);
    } else if (current.do === 'new-request' || current.do === 'new-quiet-request') {
      const isQuiet = current.do === 'new-quiet-request';
      const stranger = server.addPerson(`stranger${talks.length}`);
      talks.push(server.addRequest(stranger, me, 'hello stranger', isQuiet));
    } else if (current.do === 'new-talk') {
      const id = server.addTalk(me, server.addPerson(`late${talks.length}`));
      server.say(id, otherOf(server, id, me.id), 'do I know you');
      talks.push(id);
    } else if ('talk' in current) {
      const talkId = talks[current.talk] ?? '';
      if (current.do === 'i-send') {
        const text = `mine ${sent.length}`;
        sent.push({ clientId: store.send({ conversationId: talkId }, text), text, talkId });
      } else {
        if (current.do === 'open') onScreen.add(talkId);
        if (current.do === 'close') onScreen.delete(talkId);
        act(server, store, me.id, talkId, current);
      }
    }
  }

  server.weather = fairWeather;
  ports.goOnline(true);
  server.releaseHeld();
  await time.advance(120_000);
  const fresh = await openLivePage(server, createBrowserAt(browser), me.id);
  return { server, sent, page, fresh, onScreen, time };
}

function act(
  server: FakeServer,
  store: AppStore,
  myId: string,
  talkId: string,
  current: Extract<Step, { talk: number }>,
): void {
  const head = server.talks.get(talkId)?.messages.length ?? 0;
  const other = otherOf(server, talkId, myId);
  const row = server.people.get(myId)?.rows.get(talkId);
  // Nobody writes twice before the first is answered.
  if (current.do === 'they-say' && row?.state !== 'pending') server.say(talkId, other, 'theirs');
  if (current.do === 'they-offer' && row?.folder === 'inbox') {
    server.say(talkId, other, 'half price', undefined, 'promotional');
  }
  if (current.do === 'they-edit') server.edit(talkId, other, 'corrected');
  if (current.do === 'decide-elsewhere') server.decide(myId, talkId, current.action);
  if (current.do === 'decide-here') decideHere(store, talkId, current.action);
  const isListed = row?.folder === 'inbox' || row?.folder === 'archive';
  if (current.do === 'i-say-elsewhere')
    server.say(talkId, myId, 'from my phone', crypto.randomUUID());
  if (current.do === 'open') void store.openConversation(talkId);
  if (current.do === 'close') store.closeConversation(talkId);
  if (current.do === 'before') void store.loadBefore(talkId);
  if (current.do === 'read-here') store.markRead(talkId, current.seq);
  if (current.do === 'read-elsewhere') {
    server.change(myId, talkId, { readSeq: Math.min(head, current.seq) });
  }
  if (current.do === 'archive' && isListed) server.change(myId, talkId, { folder: 'archive' });
  if (current.do === 'unarchive' && isListed) server.change(myId, talkId, { folder: 'inbox' });
  if (current.do === 'mute') server.change(myId, talkId, { muted: true });
  if (current.do === 'unmute') server.change(myId, talkId, { muted: false });
}

function decideHere(store: AppStore, talkId: string, action: Action): void {
  const row = store.getState().conversations.get(talkId);
  if (action === 'unaccept') {
    if (row?.folder === 'inbox' && row.state === 'accepted')
      void store.unacceptConversation(talkId);
  } else if (row?.folder !== 'requests') return;
  else if (action === 'accept') void store.acceptRequest(talkId);
  else if (action === 'decline') void store.declineRequest(talkId);
  else void store.blockRequest(talkId);
}

async function compare(
  store: AppStore,
  fresh: AppStore,
  onScreen: ReadonlySet<string>,
  time: { advance(ms: number): Promise<void> },
): Promise<void> {
  await fresh.loadMoreInbox('inbox');
  await time.advance(100);
  expect(store.getState().requestCounts).toEqual(fresh.getState().requestCounts);
  for (const each of [store, fresh]) {
    if (each.getState().folders.quiet.status === 'loading') await each.loadMoreInbox('quiet');
  }
  await time.advance(100);
  const mine = store.getState();
  const theirs = fresh.getState();
  expect(mine.connection).toBe('online');
  expect(mine.requestCounts).toEqual(theirs.requestCounts);
  for (const folder of ['inbox', 'offers', 'requests', 'quiet', 'archive'] as const) {
    const { order, nextCursor, status } = mine.folders[folder];
    expect(status).toBe('ready');
    const expected = theirs.folders[folder].order;
    // A page that shows fewer rows must show the first ones.
    expect(order).toEqual(nextCursor === null ? expected : expected.slice(0, order.length));
    for (const id of order) {
      expect(mine.conversations.get(id)).toEqual(theirs.conversations.get(id));
    }
  }
  const unread = [...mine.conversations.values()].filter(
    (row) => row.folder === 'inbox' && row.unread > 0 && !row.muted,
  );
  const offers = unread.filter((row) => row.section === 'offers');
  expect(mine.unreadConversations).toBe(unread.length - offers.length);
  expect(mine.unreadOffers).toBe(offers.length);
  for (const [id, timeline] of mine.timelines) {
    const found = await fresh.openConversation(id);
    if (!found.ok) {
      // A request that is over: nothing of it is left here either.
      expect(timeline).toMatchObject({ status: 'failed', messages: [] });
      continue;
    }
    const expected = fresh.getState().timelines.get(id)?.messages ?? [];
    const seqs = timeline.messages.map((message) => message.seq);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 1) + index));
    // What is on screen healed by itself; what was left open behind does when it is looked at again.
    if (!onScreen.has(id)) {
      await store.openConversation(id);
      await time.advance(100);
    }
    expect(store.getState().timelines.get(id)?.status).toBe('ready');
    const healed = store.getState().timelines.get(id)?.messages ?? [];
    expect(healed.slice(-expected.length)).toEqual(expected);
  }
  await time.advance(100);
}

function expectSentOnceInOrder(
  server: FakeServer,
  sent: readonly { clientId: string; text: string; talkId: string }[],
): void {
  for (const [talkId, { messages }] of server.talks) {
    const mine = messages.filter((message) => message.text.startsWith('mine '));
    const expected = sent.filter((item) => item.talkId === talkId);
    expect(mine.map((message) => message.clientId)).toEqual(expected.map((item) => item.clientId));
  }
}

function otherOf(server: FakeServer, talkId: string, myId: string): string {
  return server.talks.get(talkId)?.members.find((member) => member !== myId) ?? myId;
}

function createBrowserAt(browser: ReturnType<typeof createMemoryBrowser>) {
  return { ...createMemoryBrowser(), time: browser.time };
}

function pick<T>(luck: number, ...choices: [number, T][]): T {
  for (const [limit, choice] of choices) if (luck < limit) return choice;
  throw new Error('the choices do not add up');
}
