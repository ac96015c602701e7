import { describe, expect, it } from 'vitest';
import { createMemoryBrowser } from '../platform/memory.ts';
import { bounds } from './limits.ts';
import { FakeServer, fairWeather } from './test/fake-server.ts';
import { openLivePage } from './test/page.ts';

async function arrange(messages = 1) {
  const browser = createMemoryBrowser();
  const server = new FakeServer(browser.time);
  const me = server.addPerson('me');
  const sara = server.addPerson('sara');
  const talkId = server.addTalk(me, sara);
  for (let index = 0; index < messages; index += 1) server.say(talkId, sara.id, `old ${index}`);
  const page = await openLivePage(server, browser, me.id);
  const seqs = () =>
    page.store
      .getState()
      .timelines.get(talkId)
      ?.messages.map((m) => m.seq) ?? [];
  return { browser, time: browser.time, server, me, sara, talkId, ...page, seqs };
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('a conversation on screen', () => {
  it('pulls what a gap hides before it shows what came after', async () => {
    const { store, server, sara, talkId, time, seqs } = await arrange();
    await store.openConversation(talkId);
    server.weather = { ...fairWeather, message: () => 'lose', tick: () => 'later' };
    server.say(talkId, sara.id, 'lost');
    server.weather = { ...fairWeather, tick: () => 'later' };
    server.say(talkId, sara.id, 'seen');
    expect(seqs()).toEqual([1]);
    await time.advance(100);
    expect(seqs()).toEqual([1, 2, 3]);
    expect(server.requests).toContain(
      `GET /api/conversations/${talkId}/messages?after=1&limit=200`,
    );
  });

  it('shows a repeated message once', async () => {
    const { store, server, sara, talkId, seqs } = await arrange();
    await store.openConversation(talkId);
    server.weather = { ...fairWeather, message: () => 'repeat' };
    server.say(talkId, sara.id, 'twice on the wire');
    expect(seqs()).toEqual([1, 2]);
  });

  it('catches up after a lost connection with the highest pos it saw', async () => {
    const { store, server, me, sara, talkId, time, seqs } = await arrange();
    await store.openConversation(talkId);
    server.say(talkId, sara.id, 'before');
    const pos = me.pos;
    server.closeSockets(me.id, 1006);
    expect(store.getState().connection).toBe('connecting');
    server.say(talkId, sara.id, 'during');
    await time.advance(5_000);
    const hellos = server.frames
      .filter(({ frame }) => frame.t === 'hello')
      .map(({ frame }) => frame);
    expect(hellos).toEqual([{ t: 'hello' }, { t: 'hello', pos }]);
    expect(seqs()).toEqual([1, 2, 3]);
  });

  it('far behind starts again from the newest page', async () => {
    const { store, ports, server, sara, talkId, time, seqs } = await arrange();
    await store.openConversation(talkId);
    ports.goOnline(false);
    for (let index = 0; index < bounds.pullMessages + 5; index += 1)
      server.say(talkId, sara.id, 'x');
    ports.goOnline(true);
    await time.advance(5_000);
    expect(seqs()).toEqual(upTo(bounds.pullMessages + 6).slice(-bounds.messagePage));
  });

  it('keeps a bounded stretch, and comes back down from its far end', async () => {
    const total = bounds.timelineMessages + 300;
    const { store, server, sara, talkId, time, seqs } = await arrange(total);
    await store.openConversation(talkId);
    while (store.getState().timelines.get(talkId)?.hasBefore === true)
      await store.loadBefore(talkId);
    expect(seqs()).toEqual(upTo(bounds.timelineMessages));
    expect(store.getState().timelines.get(talkId)).toMatchObject({ hasAfter: true });
    server.say(talkId, sara.id, 'not shown, there is a hole before it');
    expect(seqs().at(-1)).toBe(bounds.timelineMessages);
    while (store.getState().timelines.get(talkId)?.hasAfter === true) await store.loadAfter(talkId);
    await time.advance(10);
    expect(seqs()).toEqual(upTo(total + 1).slice(-bounds.timelineMessages));
    expect(store.getState().timelines.get(talkId)).toMatchObject({ hasBefore: true });
  });

  it('jumps to the newest page from anywhere', async () => {
    const { store, talkId, seqs } = await arrange(bounds.timelineMessages + 300);
    await store.openConversation(talkId);
    while (store.getState().timelines.get(talkId)?.hasAfter !== true)
      await store.loadBefore(talkId);
    await store.jumpToNewest(talkId);
    expect(seqs()).toEqual(upTo(bounds.timelineMessages + 300).slice(-bounds.messagePage));
  });

  it('is one of at most thirty kept', async () => {
    const { store, server, me, time } = await arrange();
    const ids: string[] = [];
    for (let index = 0; index < bounds.timelines + 8; index += 1) {
      const id = server.addTalk(me, server.addPerson(`friend${index}`));
      ids.push(id);
      await store.openConversation(id);
      store.closeConversation(id);
    }
    await time.advance(100);
    expect([...store.getState().timelines.keys()]).toEqual(ids.slice(-bounds.timelines));
  });

  it('that is not mine to see says so', async () => {
    const { store } = await arrange();
    expect(await store.openConversation('999')).toMatchObject({ problem: { code: 'not_found' } });
    expect(store.getState().timelines.get('999')).toMatchObject({
      status: 'failed',
      problem: { code: 'not_found' },
    });
  });
});

describe('read marks and typing', () => {
  it('an unread conversation far below what the list shows counts on the badge', async () => {
    const browser = createMemoryBrowser();
    const server = new FakeServer(browser.time);
    const me = server.addPerson('me');
    const patient = server.addPerson('patient');
    server.say(server.addTalk(me, patient), patient.id, 'are you there?');
    for (let index = 0; index < bounds.inboxPage + 5; index += 1) {
      await browser.time.advance(10);
      server.say(server.addTalk(me, server.addPerson(`friend${index}`)), me.id, 'all read');
    }
    const { store } = await openLivePage(server, browser, me.id);
    expect(store.getState().folders.inbox.order).toHaveLength(bounds.inboxPage);
    expect(store.getState().unreadConversations).toBe(1);
  });

  it('a row is read at once, the server hears of it a moment later and once', async () => {
    const { store, server, talkId, time, sara } = await arrange(5);
    expect(store.getState().unreadConversations).toBe(1);
    store.markRead(talkId, 3);
    store.markRead(talkId, 99);
    store.markRead(talkId, 2);
    expect(store.getState().conversations.get(talkId)).toMatchObject({ readSeq: 5, unread: 0 });
    expect(store.getState().unreadConversations).toBe(0);
    await time.advance(1_000);
    const reads = server.frames.filter(({ frame }) => frame.t === 'read').map(({ frame }) => frame);
    expect(reads).toEqual([{ t: 'read', conversationId: talkId, seq: 5 }]);
    expect(sara.id).not.toBe('');
  });

  it('goes out when the page is hidden, over HTTP while the socket is away', async () => {
    const { store, ports, server, me, talkId } = await arrange(5);
    server.closeSockets(me.id, 1006);
    store.markRead(talkId, 4);
    ports.show(false);
    expect(server.requests.at(-1)).toBe(`POST /api/conversations/${talkId}/read`);
    expect(server.rowOf(me.id, talkId).readSeq).toBe(4);
    store.stop();
  });

  it('typing is told every three seconds at most', async () => {
    const { store, server, talkId, time } = await arrange();
    for (let letter = 0; letter < 20; letter += 1) {
      store.typed(talkId);
      await time.advance(400);
    }
    expect(server.frames.filter(({ frame }) => frame.t === 'typing')).toHaveLength(3);
  });

  it('typing is shown for six seconds, or until the message comes', async () => {
    const { store, server, me, sara, talkId, time } = await arrange();
    const typing = () => store.getState().typing.get(talkId);
    server.push(me.id, { t: 'typing', conversationId: talkId, personId: sara.id });
    expect(typing()).toEqual([sara.id]);
    await time.advance(5_000);
    server.push(me.id, { t: 'typing', conversationId: talkId, personId: sara.id });
    await time.advance(5_900);
    expect(typing()).toEqual([sara.id]);
    await time.advance(200);
    expect(typing()).toBeUndefined();
    server.push(me.id, { t: 'typing', conversationId: talkId, personId: sara.id });
    server.say(talkId, sara.id, 'there');
    expect(typing()).toBeUndefined();
  });
});

describe('ten thousand conversations', () => {
  it('take one event within a millisecond or so, and unchanged parts keep their identity', async () => {
    const browser = createMemoryBrowser();
    const { time } = browser;
    const server = new FakeServer(time);
    const me = server.addPerson('me');
    const friend = server.addPerson('friend');
    const ids: string[] = [];
    for (let index = 0; index < 10_000; index += 1) ids.push(server.addTalk(me, friend));
    server.hasOnePage = true;
    const { store } = await openLivePage(server, browser, me.id);
    expect(store.getState().folders.inbox.order).toHaveLength(10_000);
    const before = store.getState();
    const startedAt = performance.now();
    const events = 300;
    for (let index = 0; index < events; index += 1) {
      const row = server.rowOf(me.id, ids[(index * 37) % ids.length] ?? '');
      const lastActivityAt = new Date(time.now() + index).toISOString();
      const pos = me.pos + index;
      const tick = { ...row, conversationId: row.id, quiet: false, pos, lastActivityAt };
      server.push(me.id, { t: 'tick', rows: [tick], pos: tick.pos });
    }
    const eachMs = (performance.now() - startedAt) / events;
    expect(eachMs).toBeLessThan(5);
    const after = store.getState();
    expect(after.folders.inbox.order[0]).toBe(ids[(299 * 37) % ids.length]);
    expect(after.folders.archive).toBe(before.folders.archive);
    expect(after.timelines).toBe(before.timelines);
    expect(after.conversations.get(ids[1] ?? '')).toBe(before.conversations.get(ids[1] ?? ''));
    server.push(me.id, { t: 'pong' });
    expect(store.getState()).toBe(after);
  });
});
