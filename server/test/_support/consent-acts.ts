import type { GrantPurpose, GrantState, Place, Purpose, QuietReason } from '@aside/protocol';
import * as oracle from './consent-oracle.ts';
import { day, type Law } from './consent-law.ts';
import { render, type Template, type Text } from './consent-texts.ts';
import {
  openWorld,
  stanceOf,
  talkOf,
  stateOf,
  placeOf,
  type OraclePerson,
  type SentMessage,
  type Stance,
  type World,
} from './consent-world.ts';

// What people do in the consent tests: the acts, how the oracle takes them, how they are drawn and how they are told.

export const cast = ['ada', 'bea', 'yan', 'shop', 'twin'] as const;
export type Name = string;

type Door = 'http' | 'http-id' | 'socket' | 'socket-id';
type Decide =
  | 'accept'
  | 'decline'
  | 'unaccept'
  | 'block'
  | 'unblock'
  | 'report'
  | 'follow'
  | 'unfollow';
type Purposes = GrantPurpose | 'all';

export type Act =
  | {
      do: 'send';
      from: Name;
      to: Name;
      text: Text;
      as: 'session' | 'key';
      claim?: Purpose;
      door: Door;
      /** How often in a row. */
      times: number;
      /** Drawn as one of the recipient's, who is written to otherwise. */
      isAnswer: boolean;
    }
  /** First messages to so many people who follow everybody and are not written to by anyone else. */
  | { do: 'pitch'; from: Name; count: number; template: Template }
  /** So many of those accept. */
  | { do: 'welcome'; from: Name; count: number }
  | { do: 'edit'; from: Name; to: Name; text: Text }
  | { do: Decide; who: Name; about: Name }
  /** The same from the list of requests. */
  | { do: 'bulk'; action: 'accept' | 'decline' | 'block' | 'report'; who: Name; about: Name }
  | { do: 'grant' | 'revoke'; who: Name; about: Name; purpose: Purposes }
  /** By the link of the latest message that is not personal. */
  | { do: 'unsubscribe'; who: Name; about: Name }
  | { do: 'reach'; who: Name; reach: 'nobody' | 'following' | 'everyone' }
  | { do: 'rename'; who: Name; name: string }
  | { do: 'delete'; who: Name }
  | { do: 'wait'; ms: number };

/** What one of two people can see of the other. */
export interface Glance {
  /** Where the row lies; null: there is none. */
  place: Place | null;
  state: 'none' | 'pending' | 'accepted';
  /** Of a request: why it came quietly; null where there is no request. */
  quiet: QuietReason[] | null;
  /** Where a message would arrive, or the code of the refusal. */
  contact: string;
  grants: Record<GrantPurpose, GrantState | 'revoked or off'>;
  texts: string[];
}

/** The world of a run: the cast, and the crowd as far as it was needed. */
export interface Scene {
  world: World;
  /** For each who pitched, whom; answered or not. */
  crowd: { name: Name; from: Name; hasAccepted: boolean }[];
}

export const crowdMax = 110;

export function openScene(law?: Law): Scene {
  const old = -400 * day;
  const people: OraclePerson[] = [
    { username: 'ada', createdAt: old, reach: 'following', isGone: false },
    { username: 'bea', createdAt: old, reach: 'following', isGone: false },
    { username: 'yan', createdAt: youngSince, reach: 'following', isGone: false },
    { username: 'shop', owner: 'house', createdAt: old, reach: 'following', isGone: false },
    { username: 'twin', owner: 'house', createdAt: old, reach: 'following', isGone: false },
  ];
  return { world: openWorld(people, law), crowd: [] };
}

/** Yan's account is six days old when a run begins. */
export const youngSince = -6 * day;

export const purposesOf = (purpose: Purposes): readonly GrantPurpose[] =>
  purpose === 'all' ? oracle.grantPurposes : [purpose];

/** Everybody an act names, and who need not be there any more. */
function peopleOf(act: Act): { actor?: Name; other?: Name } {
  if ('who' in act) return { actor: act.who, ...('about' in act ? { other: act.about } : {}) };
  if ('from' in act) return { actor: act.from, ...('to' in act ? { other: act.to } : {}) };
  return {};
}

/** False for what cannot be done now, such as anything by somebody who is gone. */
export function isPossible(scene: Scene, act: Act): boolean {
  const { world } = scene;
  const { actor, other } = peopleOf(act);
  if (actor !== undefined && world.people.get(actor)!.isGone) return false;
  if (other !== undefined && world.people.get(other)!.isGone && act.do !== 'send') return false;
  if (other === undefined || actor === undefined)
    return act.do !== 'welcome' || hasCrowd(scene, act);
  const talk = talkOf(world, actor, other);
  if (act.do === 'unsubscribe') return latestOffer(talk, other) !== undefined;
  if (act.do === 'edit') return talk.some((message) => message.from === actor);
  const needsTalk = ['accept', 'decline', 'unaccept', 'bulk'].includes(act.do);
  return !needsTalk || talk.length > 0;
}

function hasCrowd(scene: Scene, act: Act & { do: 'welcome' }): boolean {
  return scene.crowd.some((one) => one.from === act.from && !one.hasAccepted);
}

/** The message whose link an unsubscribing person follows. */
export function latestOffer(talk: SentMessage[], from: Name): SentMessage | undefined {
  return talk.findLast((message) => message.from === from && message.purpose !== 'personal');
}

/** The crowd members that a pitch goes to. */
export function pitched(scene: Scene, { from, count }: { from: Name; count: number }): Name[] {
  const begin = scene.crowd.length;
  const names = Array.from({ length: count }, (_, i) => `crowd${begin + i}`).slice(
    0,
    crowdMax - begin,
  );
  for (const username of names) {
    const person = { username, createdAt: -400 * day, reach: 'following', isGone: false } as const;
    scene.world.people.set(username, person);
    stanceOf(scene.world, username, from).follows = true;
    scene.crowd.push({ name: username, from, hasAccepted: false });
  }
  return names;
}

/** The crowd members who accept next. */
export function welcoming(scene: Scene, { from, count }: { from: Name; count: number }): Name[] {
  const next = scene.crowd.filter((one) => one.from === from && !one.hasAccepted).slice(0, count);
  for (const one of next) one.hasAccepted = true;
  return next.map(({ name }) => name);
}

/** The target of an edit: the first message that waits, or the latest of this sender. */
export function editedSeq(scene: Scene, { from, to }: { from: Name; to: Name }): number {
  const { first } = stanceOf(scene.world, to, from);
  const latest = talkOf(scene.world, from, to).findLast((message) => message.from === from);
  return first?.seq ?? latest!.seq;
}

/** Who is written to by a pitch must be known before it happens, so it is drawn first, for both sides alike. */
export type Drawn = Name[];
export function draw(scene: Scene, act: Act): Drawn {
  if (act.do === 'pitch') return pitched(scene, act);
  if (act.do === 'welcome') return welcoming(scene, act);
  return [];
}

/** Lets the oracle do it, and answers what should come of it. */
export function predict(scene: Scene, act: Act, drawn: Drawn): oracle.Outcome[] {
  const { world } = scene;
  switch (act.do) {
    case 'send':
      return Array.from({ length: act.times }, () => oracle.send(world, sendingOf(act)));
    case 'pitch':
      return drawn.map((to, i) => {
        const text = { template: act.template, name: i };
        return oracle.send(world, { from: act.from, to, text, origin: 'interactive' });
      });
    case 'welcome':
      return drawn.map((name) => oracle.accept(world, name, act.from));
    case 'edit':
      return [oracle.edit(world, act.from, act.to, act.text)];
    case 'bulk':
      return [bulk(world, act)];
    case 'grant':
      return [oracle.grant(world, act.who, act.about, purposesOf(act.purpose))];
    case 'revoke':
      return [oracle.revoke(world, act.who, act.about, purposesOf(act.purpose))];
    case 'unsubscribe': {
      const { purpose } = latestOffer(talkOf(world, act.who, act.about), act.about)!;
      return [oracle.revoke(world, act.who, act.about, [purpose as GrantPurpose])];
    }
    case 'reach':
      world.people.get(act.who)!.reach = act.reach;
      return ['done'];
    case 'rename':
      return [oracle.rename(world, act.who)];
    case 'delete':
      world.people.get(act.who)!.isGone = true;
      return ['done'];
    case 'wait':
      world.now += act.ms;
      return ['done'];
    default:
      return [decided(world, act)];
  }
}

function sendingOf(act: Act & { do: 'send' }): oracle.Sending {
  const { from, to, text, claim } = act;
  const origin = act.as === 'key' ? 'automated' : 'interactive';
  return { from, to, text, origin, ...(claim === undefined ? {} : { claim }) };
}

function decided(world: World, act: Act & { do: Decide }): oracle.Outcome {
  const { who, about } = act;
  switch (act.do) {
    case 'report':
      world.reports.push({ about, at: world.now });
      return 'done';
    case 'unfollow':
      stanceOf(world, who, about).follows = false;
      return 'done';
    case 'accept':
    case 'decline':
    case 'unaccept':
    case 'block':
    case 'unblock':
    case 'follow':
      return oracle[act.do](world, who, about);
  }
}

/** Only what waits as a request can be decided from the list. */
function bulk(world: World, { action, who, about }: Act & { do: 'bulk' }): oracle.Outcome {
  if (action === 'accept') return oracle.accept(world, who, about);
  if (!oracle.isUndecided(world, who, about)) return 'not_found';
  if (action === 'block') return oracle.block(world, who, about);
  if (action === 'report') world.reports.push({ about, at: world.now });
  return oracle.decline(world, who, about);
}

/** What `viewer` sees of `other`, by the oracle. */
export function glanceOf({ world }: Scene, viewer: Name, other: Name): Glance {
  const stance = stanceOf(world, viewer, other);
  const state = stateOf(world, viewer, other);
  const place = placeOf(world, viewer, other);
  const isRequest = state === 'pending' && place === 'requests';
  const talk = place === 'closed' || place === null ? [] : talkOf(world, viewer, other);
  return {
    place,
    state: state === 'pending' || state === 'accepted' ? state : 'none',
    quiet: isRequest ? stance.first!.quiet.toSorted() : null,
    contact: oracle.contactOf(world, viewer, other),
    grants: grantsSeen(world, stance),
    texts: talk.map((message) => render(message.from === viewer ? message.text : message.shown)),
  };
}

function grantsSeen({ law }: World, { grants, inherited }: Stance): Glance['grants'] {
  if (law.sistersShowAtOnce) return { ...grants };
  const seen: Glance['grants'] = { ...grants };
  for (const purpose of inherited) {
    if (grants[purpose] === 'revoked') seen[purpose] = 'revoked or off';
  }
  return seen;
}

/** The pairs, both ways, on which an act may have an effect that is worth a look. */
export function touched(scene: Scene, act: Act, drawn: Drawn): [Name, Name][] {
  const { actor, other } = peopleOf(act);
  const last = drawn.at(-1);
  const pairs: [Name, Name][] = [];
  if (actor !== undefined && (other ?? last) !== undefined) pairs.push([actor, (other ?? last)!]);
  // A refusal to one brand is a refusal to its sister.
  const isSister = 'purpose' in act && (other === 'shop' || other === 'twin');
  if (actor !== undefined && isSister) pairs.push([actor, other === 'shop' ? 'twin' : 'shop']);
  if (act.do === 'wait' && act.ms >= day) pairs.push(...talkingPairs(scene));
  const alive = pairs.filter(
    ([a, b]) => a !== b && !scene.world.people.get(a)!.isGone && !scene.world.people.get(b)!.isGone,
  );
  return alive.flatMap(([a, b]) => [[a, b] as [Name, Name], [b, a] as [Name, Name]]);
}

/** All of the cast who have written to each other. */
function talkingPairs({ world }: Scene): [Name, Name][] {
  return [...world.talks]
    .filter(([, talk]) => talk.length > 0)
    .map(([key]) => key.split(' and ') as [Name, Name])
    .filter((pair) => pair.every((name) => (cast as readonly string[]).includes(name)));
}
