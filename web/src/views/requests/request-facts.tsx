import type { Conversation, RequestCard } from '@aside/protocol';
import { Calendar, CircleAlert, Hourglass, UserCheck, Users } from '../../ui/icons.ts';
import { useWords, type Words } from '../../words/words.ts';

/** “Do I know you?”: what helps to judge a request at a glance, the same in the list and opened. */
export function RequestFacts({ card, id }: { card: RequestCard; id?: string }) {
  const words = useWords();
  const { person, similar } = card;
  return (
    <ul className="request-facts" id={id}>
      <li>
        <Calendar aria-hidden="true" />
        {words.t('card.joined', { when: words.distance(person.createdAt) })}
      </li>
      <li>
        <Users aria-hidden="true" />
        {bothLine(words, card)}
      </li>
      {card.following ? (
        <li>
          <UserCheck aria-hidden="true" />
          {words.t('card.following')}
        </li>
      ) : null}
      {similar === undefined ? null : (
        <li data-tone="wait">
          <CircleAlert aria-hidden="true" />
          {words.t('card.similar', { count: similar })}
        </li>
      )}
    </ul>
  );
}

/** What they say about themselves. */
export function RequestBio({ card, id }: { card: RequestCard; id?: string }) {
  const { bio } = card.person;
  if (bio === '') return null;
  return (
    <p className="request-bio" id={id} dir="auto">
      {bio}
    </p>
  );
}

/** Why it came without a badge. */
export function QuietReasons({ conversation }: { conversation: Conversation }) {
  const { t } = useWords();
  if (conversation.quiet !== true) return null;
  return (
    <ul className="request-quiet">
      {(conversation.quietReasons ?? []).map((reason) => (
        <li key={reason}>
          <Hourglass aria-hidden="true" />
          {t(`quiet.${reason}`)}
        </li>
      ))}
    </ul>
  );
}

function bothLine(words: Words, { followedByBoth }: RequestCard): string {
  const { count, people } = followedByBoth;
  const first = people[0];
  if (count === 0 || first === undefined) return words.t('card.both.none');
  const name = `\u2068${first.name}\u2069`;
  return count === 1
    ? words.t('card.both.one', { name })
    : words.t('card.both', { name, count: count - 1 });
}
