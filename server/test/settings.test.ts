import { expect, test } from 'vitest';
import { aliceBobMallory, type TestPerson } from './_support/people.ts';
import { openSocket } from './_support/spy-socket.ts';
import { appForTest, type TestApp } from './_support/start-app.ts';

// What a person chooses for themselves, and what others notice of it.

test('settings begin open among friends, change one by one and stay', async () => {
  const { alice } = await aliceBobMallory((await appForTest({ split: true })).url);
  const fresh = { reach: 'following', readReceipts: true, typing: true };
  expect((await alice.get('/api/settings')).body).toEqual(fresh);
  const changed = await alice.call('PATCH', '/api/settings', { readReceipts: false });
  expect(changed.body).toEqual({ ...fresh, readReceipts: false });
  await alice.call('PATCH', '/api/settings', { typing: false });
  await alice.call('PATCH', '/api/settings', { reach: 'nobody' });
  const all = { reach: 'nobody', readReceipts: false, typing: false };
  expect((await alice.get('/api/settings')).body).toEqual(all);
  expect((await alice.call('PATCH', '/api/settings', { typing: 'no' })).status).toBe(400);
  expect((await alice.get('/api/settings')).body).toEqual(all);
});

test('who does not show that they write is not shown that others do, until they do again', async () => {
  const app = await appForTest();
  const { alice, bob } = await aliceBobMallory(app.url);
  const id = await talking(alice, bob);
  expect(await marksPass(app, id, bob, alice)).toBe(true);
  expect(await marksPass(app, id, alice, bob)).toBe(true);

  await alice.call('PATCH', '/api/settings', { typing: false });
  expect(await marksPass(app, id, alice, bob)).toBe(false);
  expect(await marksPass(app, id, bob, alice)).toBe(false);

  await alice.call('PATCH', '/api/settings', { typing: true });
  expect(await marksPass(app, id, alice, bob)).toBe(true);
});

async function talking(one: TestPerson, other: TestPerson): Promise<string> {
  const { body } = await one.write(other.username, 'Hello');
  await other.writeIn(body.message.conversationId, 'Hello yourself');
  return body.message.conversationId;
}

/** Writes a mark and then a message as `from`; what came before the message is all that will come. */
async function marksPass(
  app: TestApp,
  conversationId: string,
  from: TestPerson,
  to: TestPerson,
): Promise<boolean> {
  const [writer, reader] = [
    await openSocket(app.url, from.token),
    await openSocket(app.url, to.token),
  ];
  writer.send({ t: 'typing', conversationId });
  // Frames of one socket are answered in order, so after the pong the mark has been passed on or dropped.
  writer.send({ t: 'ping' });
  await writer.frame('pong');
  const ack = await writer.write({ conversationId }, 'Done');
  if (ack.t !== 'ack') throw new Error('the message was refused');
  await reader.frame('message', ({ message }) => message.seq === ack.seq);
  const passed = reader.frames.some(({ t }) => t === 'typing');
  await writer.close();
  await reader.close();
  return passed;
}
