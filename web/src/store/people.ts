import type { ProfileView, Standing } from '@aside/protocol';
import type { Core } from './core.ts';
import type { AppStore, Outcome } from './model.ts';
import type { Relation } from './ports.ts';

// Other people: finding them, looking at them, following, blocking, muting, reporting.

/** After my follows or blocks changed elsewhere this many of the profiles last looked at are fetched again. */
const profilesRefreshed = 5;

type PeopleActions = Pick<
  AppStore,
  | 'searchPeople'
  | 'loadProfile'
  | 'conversationWith'
  | 'setFollowing'
  | 'setBlocking'
  | 'setMuting'
  | 'report'
  | 'listBlocks'
>;

export function createPeopleActions(core: Core): PeopleActions {
  const { api } = core.net;
  return {
    async searchPeople(query) {
      const answer = await api.searchPeople(query);
      return answer.ok ? { ok: true, value: answer.value.people } : answer;
    },
    loadProfile: (username) => loadProfile(core, username),
    conversationWith: (username) => core.known.directs.get(nameOf(username)) ?? null,
    setFollowing: (username, on) => setRelation(core, username, 'follow', on),
    setBlocking: (username, on) => setRelation(core, username, 'block', on),
    setMuting: (username, on) => setRelation(core, username, 'mute', on),
    async report(username, reason, conversationId) {
      const body = { reason, ...(conversationId !== undefined && { conversationId }) };
      const answer = await api.report(nameOf(username), body);
      return answer.ok ? { ok: true, value: undefined } : answer;
    },
    async listBlocks() {
      const answer = await api.blocks();
      return answer.ok ? { ok: true, value: answer.value.people } : answer;
    },
  };
}

/** My follows, blocks or mutes changed on another device. */
export function refreshProfiles(core: Core): void {
  const keep = [...core.app.profiles.keys()].slice(-profilesRefreshed);
  core.dispatch({ type: 'profiles-stale', keep });
  for (const username of keep) void loadProfile(core, username);
}

export async function loadProfile(core: Core, username: string): Promise<Outcome<ProfileView>> {
  const signal = core.sessionSignal();
  const answer = await core.net.api.profile(nameOf(username));
  if (answer.ok && !signal.aborted) core.dispatch({ type: 'profile', profile: answer.value });
  return answer;
}

async function setRelation(
  core: Core,
  username: string,
  relation: Relation,
  on: boolean,
): Promise<Outcome<Standing>> {
  const signal = core.sessionSignal();
  const name = nameOf(username);
  const answer = await core.net.api.setRelation(name, relation, on);
  if (answer.ok && !signal.aborted) {
    core.dispatch({ type: 'standing', username: name, standing: answer.value });
  }
  return answer;
}

/** A username the way the API spells it. */
export function nameOf(username: string): string {
  return username.replace(/^@/, '').toLowerCase();
}
