import type { ConversationPage, Message as WireMessage, MessagePage } from '@aside/protocol';
import type { Account, Sending, Shown } from './account.ts';
import { askBrand } from './act-people.ts';
import { decisions, onInbox, onRequest, wordings } from './rates.ts';
import { ask, send, type Town } from './town.ts';

// The recipients' side. Their devices show what the API gives them, which is what is counted; then they do what
// people do: accept, decline, report, answer, say stop.

type Row = ConversationPage['conversations'][number];

/** The devices look; what the person makes of it is for later, when all have looked. */
export async function look(town: Town, person: Account): Promise<void> {
  if (!person.hasNews) return;
  person.hasNews = false;
  for (const row of await readFolder(town, person, 'requests')) {
    await showRequest(town, person, row);
  }
  for (const row of await readFolder(town, person, 'inbox&unread=true')) {
    await showInbox(town, person, row);
  }
}

/** The person does what is due today. */
export async function actOnIt(town: Town, person: Account): Promise<void> {
  const due = person.agenda.get(town.chronicle.day) ?? [];
  person.agenda.delete(town.chronicle.day);
  for (const act of due) await act();
}

async function readFolder(town: Town, person: Account, folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor = ''; ;) {
    const page = (await ask(
      town,
      person,
      'GET',
      `/api/conversations?folder=${folder}&limit=200${cursor}`,
    )) as ConversationPage;
    rows.push(...page.conversations);
    if (page.nextCursor === undefined) break;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
  // By name, so that two runs decide in the same order.
  return rows.sort((a, b) => (otherName(a, person) < otherName(b, person) ? -1 : 1));
}

function otherName(row: Row, person: Account): string {
  return row.members.find(({ username }) => username !== person.username)?.username ?? '';
}

async function showRequest(town: Town, person: Account, row: Row): Promise<void> {
  if (row.state !== 'pending') return;
  const isQuiet = row.quiet === true;
  for (const message of await messagesOf(town, person, row, 0)) {
    const sending = town.chronicle.show(message, isQuiet ? 'quiet' : 'request');
    if (sending) decideLater(town, person, sending, row.id, isQuiet);
  }
}

function decideLater(
  town: Town,
  person: Account,
  sending: Sending,
  id: string,
  isQuiet: boolean,
): void {
  const action = person.draws.choose(sharesFor(sending));
  const reply = person.draws.chance(decisions.acceptsByReply);
  const max = isQuiet ? decisions.quietDaysMax : decisions.plainDaysMax;
  const day = town.chronicle.day + person.draws.below(max + 1);
  if (action !== null) later(person, day, () => decide(town, person, sending, id, action, reply));
}

/** What others wrote after this, as the conversation shows it; the row itself often says enough. */
async function messagesOf(
  town: Town,
  person: Account,
  row: Row,
  after: number,
): Promise<WireMessage[]> {
  const { id, headSeq, lastMessage } = row;
  const isEnough = headSeq === after + 1 && lastMessage?.purpose === 'personal';
  const path = `/api/conversations/${id}/messages?after=${after}&limit=200`;
  const messages = isEnough
    ? [lastMessage]
    : ((await ask(town, person, 'GET', path)) as MessagePage).messages;
  return messages.filter(({ senderId }) => senderId !== person.id);
}

/**
 * At the very end: what crossed with a message of one's own was never unread, and stands in the conversation all the
 * same.
 */
export async function lookBack(town: Town, person: Account): Promise<void> {
  const missing = town.chronicle.sendings.filter(
    ({ to, shown, outcome }) => to === person && !shown && ['inbox', 'requests'].includes(outcome),
  );
  const senders = new Set(missing.map(({ from }) => from.username));
  if (senders.size === 0) return;
  for (const folder of ['inbox', 'archive']) {
    for (const row of await readFolder(town, person, folder)) {
      if (!senders.has(otherName(row, person))) continue;
      for (const message of await messagesOf(town, person, row, 0)) {
        town.chronicle.show(message, 'inbox');
      }
    }
  }
}

function sharesFor({ sort, to }: Sending): Record<string, number> {
  switch (sort) {
    case 'covert':
    case 'reckless':
    case 'robot':
      return onRequest.robot;
    case 'job_seeker':
      return onRequest.applicant;
    case 'friend_of_friend':
      return onRequest.stranger;
    case 'customer':
      return to.role === 'reckless_brand' ? onRequest.customerOfReckless : onRequest.customer;
    default:
      return onRequest.acquaintance;
  }
}

function later(person: Account, day: number, act: () => Promise<void>): void {
  person.agenda.set(day, [...(person.agenda.get(day) ?? []), act]);
}

async function decide(
  town: Town,
  person: Account,
  { from }: Sending,
  id: string,
  action: string,
  byReply: boolean,
): Promise<void> {
  if (action === 'accept' && byReply && person.kind === 'person') {
    await answer(town, person, from, person.draws.pick(town.corpus.ham));
    return;
  }
  const result = (await ask(town, person, 'POST', '/api/requests', { ids: [id], action })) as {
    results: { outcome: string }[];
  };
  if (result.results[0]!.outcome !== 'done') return;
  if (action === 'accept') town.chronicle.accepts(person, from);
  if (action === 'block') town.chronicle.blocks(person, from);
}

async function answer(town: Town, person: Account, to: Account, text: string): Promise<void> {
  await send(town, person, to, { sort: 'reply', nature: 'personal', byKey: false, text });
}

async function showInbox(town: Town, person: Account, row: Row): Promise<void> {
  const shown: Shown = row.section === 'offers' ? 'offers' : 'inbox';
  for (const message of await messagesOf(town, person, row, row.readSeq)) {
    const sending = town.chronicle.show(message, shown);
    if (sending) later(person, town.chronicle.day, () => react(town, person, sending, message));
  }
  await ask(town, person, 'POST', `/api/conversations/${row.id}/read`, { seq: row.headSeq });
}

async function react(
  town: Town,
  person: Account,
  { from, sort, nature }: Sending,
  message: WireMessage,
): Promise<void> {
  const { draws } = person;
  if (person.blocked.has(from) || sort === 'setup') return;
  if (sort === 'chat' && draws.chance(onInbox.chatReply)) {
    return answer(town, person, from, draws.pick(town.corpus.ham));
  }
  if (sort === 'service') return reactToService(town, person, from);
  if (sort === 'robot' && draws.chance(onInbox.answerToRobot)) {
    return answer(town, person, from, draws.pick(town.corpus.ham));
  }
  if (sort === 'covert') {
    if (!draws.chance(onInbox.blocksPitch)) return;
    await ask(town, person, 'PUT', `/api/people/${from.username}/block`);
    town.chronicle.blocks(person, from);
    return;
  }
  if (nature === 'personal') return;
  const shares = nature === 'promotional' ? onInbox.stopsPromotion : onInbox.stopsOther;
  const how = draws.choose(shares);
  if (how === null || message.purpose === 'personal') return;
  await stop(town, person, from, how, message);
  if (from.kind !== 'brand' || !draws.chance(onInbox.asksAfterStop)) return;
  later(person, town.chronicle.day + 1 + draws.below(3), () => askBrand(town, person, from));
}

async function reactToService(town: Town, person: Account, brand: Account): Promise<void> {
  const { draws } = person;
  if (draws.chance(onInbox.serviceThanks)) {
    await answer(town, person, brand, draws.pick(town.corpus.ham));
  }
  if (!draws.chance(onInbox.serviceOptIn)) return;
  await ask(town, person, 'PUT', `/api/consent/${brand.username}/promotional`, {});
  town.chronicle.grants(person, brand, 'promotional');
}

const allOther = ['service', 'automated', 'promotional'] as const;

async function stop(
  town: Town,
  person: Account,
  from: Account,
  how: 'stopWord' | 'button' | 'token',
  message: WireMessage,
): Promise<void> {
  switch (how) {
    case 'stopWord': {
      const text = person.draws.pick(wordings.stop);
      await send(town, person, from, { sort: 'reply', nature: 'personal', byKey: false, text });
      return town.chronicle.optsOut(person, from, allOther);
    }
    case 'button':
      await ask(town, person, 'DELETE', `/api/consent/${from.username}/all`);
      return town.chronicle.optsOut(person, from, allOther);
    case 'token': {
      // Where a measurement leaves the grants out, there is no act that a link could take back.
      if (message.unsubscribe === undefined) return stop(town, person, from, 'button', message);
      const answered = await town.server.call('POST', message.unsubscribe, null);
      if (answered.status >= 300) throw new Error(`unsubscribing: ${JSON.stringify(answered)}`);
      return town.chronicle.optsOut(person, from, [message.purpose]);
    }
  }
}
