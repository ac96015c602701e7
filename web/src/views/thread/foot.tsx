import { lazy, Suspense, useRef } from 'react';
import type { Contact, Conversation, Message } from '@aside/protocol';
import type { Timeline } from '../../store/model.ts';
import { useWords, type Words } from '../../words/words.ts';
import { Composer } from '../composer/composer.tsx';
import { useAppStore, useStore } from '../store-context.ts';
import type { Subject } from '../subject.ts';
import { ContactNotice } from './contact-notice.tsx';
import { FirstWaiting } from './first-waiting.tsx';

const RequestFoot = lazy(() =>
  import('../requests/request-thread.tsx').then((module) => ({ default: module.RequestFoot })),
);
/** Until the server has said so: who has just written first waits for an answer. */
const waiting: Contact = { allowed: false, arrives: null, code: 'request_pending' };

/** Below the messages: the composer, or why nothing can be written now, or a request to decide on. */
export function Foot({ conversation, subject, timeline, editing, onEdit }: FootProps) {
  const store = useAppStore();
  const { t } = useWords();
  const meId = useStore((state) => state.me?.id);
  const correct = useRef<HTMLButtonElement>(null);
  const self = subject.kind === 'self';
  const contact = timeline?.contact ?? (isOnlyMine(conversation, meId, self) ? waiting : null);
  const closed = contact !== null && !contact.allowed;
  const first = firstContact(contact, subject);
  const composer = (
    <Composer
      draftKey={conversation.id}
      label={t('composer.label', { name: subject.title })}
      placeholder={
        self
          ? t('composer.placeholder.self')
          : closed
            ? closedPlaceholder(t, contact)
            : t('composer.placeholder', { name: subject.title })
      }
      closed={closed}
      first={first}
      describedBy={first === undefined ? undefined : 'contact-notice'}
      onSend={(text) => store.send({ conversationId: conversation.id }, text)}
      onTyped={() => store.typed(conversation.id)}
    />
  );
  if (isRequest(conversation)) {
    return (
      <div className="thread-foot">
        <Suspense fallback={<div className="request-foot-room" />}>
          <RequestFoot conversation={conversation} subject={subject}>
            {composer}
          </RequestFoot>
        </Suspense>
      </div>
    );
  }
  return (
    <div className="thread-foot">
      {contact?.code === 'request_pending' ? (
        <FirstWaiting
          ref={correct}
          name={subject.title}
          message={correctable(conversation, timeline, meId)}
          editing={editing}
          onEdit={onEdit}
        />
      ) : closed ? (
        <ContactNotice contact={contact} name={subject.title} username={subject.username} />
      ) : null}
      {composer}
    </div>
  );
}

/** A request of somebody else that waits for me, also where something else I allowed brought it into the inbox. */
export function isRequest(conversation: Conversation): boolean {
  return conversation.state === 'pending';
}

function firstContact(
  contact: Contact | null,
  { username, title }: Subject,
): { username: string; name: string } | undefined {
  if (contact?.allowed !== true || contact.arrives !== 'requests') return undefined;
  return username === null ? undefined : { username, name: title };
}

/** Where nothing can be written the field does not ask for it; the notice says why. */
export function closedPlaceholder(t: Words['t'], contact: Contact): string {
  return contact.code === 'request_pending' ? t('composer.placeholder.waits') : '';
}

function isOnlyMine(conversation: Conversation, meId: string | undefined, self: boolean): boolean {
  return (
    !self &&
    conversation.kind === 'direct' &&
    conversation.headSeq === 1 &&
    conversation.lastMessage?.senderId === meId
  );
}

/** The unanswered first message, while it was not corrected yet. */
function correctable(
  conversation: Conversation,
  timeline: Timeline | undefined,
  meId: string | undefined,
): Message | null {
  // Until the messages are there, the row of the list knows the newest; so nothing moves when they come.
  const newest = timeline?.hasAfter === false ? timeline.messages.at(-1) : undefined;
  const known = newest ?? conversation.lastMessage;
  if (known === undefined || known.senderId !== meId) return null;
  return known.editedAt === undefined ? known : null;
}

interface FootProps {
  conversation: Conversation;
  subject: Subject;
  timeline: Timeline | undefined;
  editing: boolean;
  onEdit: (seq: number) => void;
}
