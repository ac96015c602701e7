import type { RequestAction } from '@aside/protocol';
import type { AppStore, Outcome } from '../../store/model.ts';
import { toastDone, toastFailure } from '../../ui/toasts.tsx';
import { problemSentence } from '../../words/problems.ts';
import { useWords, type Words } from '../../words/words.ts';
import { useAppStore } from '../store-context.ts';
import { subjectOf } from '../subject.ts';

export type Decide = (ids: readonly string[], action: RequestAction) => Promise<boolean>;

/** Decides one request or many and says what happened; what failed is back in the list, with the reason. Answers whether all went well. */
export function useDecide(): Decide {
  const store = useAppStore();
  const words = useWords();
  return (ids, action) => {
    const [only] = ids;
    if (only === undefined) return Promise.resolve(false);
    return ids.length === 1
      ? decideOne(store, words, only, action)
      : decideMany(store, words, ids, action);
  };
}

async function decideOne(
  store: AppStore,
  words: Words,
  id: string,
  action: RequestAction,
): Promise<boolean> {
  const { conversations, me } = store.getState();
  const conversation = conversations.get(id);
  const name = conversation === undefined ? '' : subjectOf(conversation, me, words).title;
  const outcome = await askOne(store, id, action);
  if (outcome.ok) {
    toastDone(words.t(`request.done.${action}`, { name }));
  } else if (outcome.problem.code === 'not_found') {
    toastFailure(words.t('request.gone'));
  } else {
    sayBack(words, 1, outcome.problem);
  }
  return outcome.ok;
}

function askOne(store: AppStore, id: string, action: RequestAction): Promise<Outcome<unknown>> {
  switch (action) {
    case 'accept':
      return store.acceptRequest(id);
    case 'decline':
      return store.declineRequest(id);
    case 'block':
      return store.blockRequest(id);
    case 'report':
      return store.reportRequest(id);
  }
}

async function decideMany(
  store: AppStore,
  words: Words,
  ids: readonly string[],
  action: RequestAction,
): Promise<boolean> {
  const outcome = await store.decideRequests(ids, action);
  if (!outcome.ok) {
    sayBack(words, ids.length, outcome.problem);
    return false;
  }
  const { gone, failed } = outcome.value;
  const count = ids.length - gone.length - failed.length;
  if (count > 0) toastDone(words.t(`requests.done.${action}`, { count }));
  if (failed.length > 0) sayBack(words, failed.length, { code: 'unknown', detail: '' });
  if (gone.length > 0) toastFailure(words.t('request.gone'));
  return failed.length === 0;
}

function sayBack(
  words: Words,
  count: number,
  problem: Parameters<typeof problemSentence>[1],
): void {
  toastFailure(words.t('requests.back', { count, reason: problemSentence(words, problem) }));
}
