import type { Family } from '../base/family.ts';

// Every statement finds its rows by a key. While tables are small or not yet counted PostgreSQL would rather read them
// whole, keep that plan for the life of the connection, and go on reading them whole as they grow: measured, a send cost
// the database four times as much in the first minutes of a community as later.

const byKeyAlone = ['enable_seqscan=off', 'enable_hashjoin=off', 'enable_mergejoin=off'];

const settings: Partial<Record<Family, readonly string[]>> = {
  conversation: byKeyAlone,
  // Batches of inbox rows are joined with each other, for which a hash is right.
  person: byKeyAlone.slice(0, 1),
};

/** The DSN with the family's settings for the planner added to its `options`; what stands there already stays. */
export function withPlanning(family: Family, url: string): string {
  const added = (settings[family] ?? []).map((setting) => `-c ${setting}`).join(' ');
  if (added === '') return url;
  const given = /[?&]options=[^&#]*/.exec(url);
  if (given) return url.replace(given[0], `${given[0]}${encodeURIComponent(` ${added}`)}`);
  return `${url}${url.includes('?') ? '&' : '?'}options=${encodeURIComponent(added)}`;
}
