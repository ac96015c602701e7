import type { Message, Purpose } from '@aside/protocol';
import type { Account, Meant, Sending, Shown } from './account.ts';

// What really happened, as the driver knows it and the server does not: who meant what, who had asked for it, and
// what the recipient's own devices showed in the end.

interface Bond {
  accepted: boolean;
  writes: number;
  lastWroteDay: number;
  granted: Set<Purpose>;
  refused: Set<Purpose>;
}

const serviceDays = 7;

export class Chronicle {
  day = 0;
  readonly sendings: Sending[] = [];
  private readonly byClientId = new Map<string, Sending>();
  private readonly bonds = new Map<string, Bond>();

  /** How the first stands to the second: what they allowed, refused and wrote. */
  bond(of: Account, towards: Account): Bond {
    const key = `${of.username} ${towards.username}`;
    const known = this.bonds.get(key);
    if (known) return known;
    const fresh: Bond = {
      accepted: false,
      writes: 0,
      lastWroteDay: Number.NEGATIVE_INFINITY,
      granted: new Set(),
      refused: new Set(),
    };
    this.bonds.set(key, fresh);
    return fresh;
  }

  /** Opens the entry of a message that is about to be sent. */
  begin(clientId: string, from: Account, to: Account, meant: Meant & { text: string }): Sending {
    const bond = this.bond(to, from);
    const sending: Sending = {
      ...meant,
      from,
      to,
      day: this.day,
      isFirst: !bond.accepted,
      isAdmitted: to.reach === 'everyone' || (to.reach === 'following' && to.follows.has(from)),
      hasGrant: bond.granted.size > 0,
      isSolicited:
        meant.nature === 'personal' ||
        bond.granted.has(meant.nature) ||
        (meant.nature !== 'promotional' && this.day - bond.lastWroteDay <= serviceDays),
      isAfterOptOut: meant.nature !== 'personal' && this.isRefused(to, from, meant.nature),
      answersBefore: bond.writes,
      outcome: 'unknown',
    };
    this.sendings.push(sending);
    this.byClientId.set(clientId, sending);
    return sending;
  }

  /** Brands of one owner share what they were refused. */
  private isRefused(by: Account, sender: Account, nature: Purpose): boolean {
    const family = sender.owner === undefined ? [sender] : sender.siblings;
    const isAsked = this.bond(by, sender).granted.has(nature);
    return !isAsked && family.some((one) => this.bond(by, one).refused.has(nature));
  }

  arrived(sending: Sending, outcome: string): void {
    sending.outcome = outcome;
    if (outcome !== 'inbox' && outcome !== 'requests') return;
    const own = this.bond(sending.from, sending.to);
    own.writes += 1;
    own.lastWroteDay = this.day;
    if (!sending.byKey) this.accepts(sending.from, sending.to);
  }

  /** Answers the entry when the device shows it for the first time. */
  show(message: Message, where: Shown): Sending | null {
    const sending = message.clientId ? this.byClientId.get(message.clientId) : undefined;
    if (!sending || sending.shown) return null;
    sending.takenFor = message.purpose;
    sending.shown = where;
    sending.shownDay = this.day;
    return sending;
  }

  accepts(by: Account, sender: Account): void {
    const bond = this.bond(by, sender);
    if (bond.accepted) return;
    bond.accepted = true;
    for (const sending of sender.firsts) {
      if (sending.to === by) sending.answeredDay ??= this.day;
    }
  }

  grants(by: Account, sender: Account, purpose: Purpose): void {
    const bond = this.bond(by, sender);
    bond.granted.add(purpose);
    bond.refused.delete(purpose);
  }

  optsOut(by: Account, sender: Account, purposes: readonly Purpose[]): void {
    const bond = this.bond(by, sender);
    for (const purpose of purposes) {
      bond.granted.delete(purpose);
      bond.refused.add(purpose);
    }
  }

  /** A block takes back what was allowed. */
  blocks(by: Account, sender: Account): void {
    const bond = this.bond(by, sender);
    bond.accepted = false;
    bond.granted.clear();
    by.blocked.add(sender);
  }
}
