// Every bound of the client's memory, in one place.
export const bounds = {
  /** Messages kept of one conversation; further ones push the far end out. */
  timelineMessages: 2_000,
  /** Conversations whose messages are kept; the one unused for longest goes first. */
  timelines: 30,
  /** A conversation that is further behind starts again from its newest page. */
  pullMessages: 1_000,
  /** Unread rows fetched at the start; the badge says 99+ long before. */
  unreadRows: 200,
  inboxPage: 100,
  /** An inbox with fewer rows beside its offers loads on by itself. */
  inboxRowsAtLeast: 20,
  messagePage: 50,
  pullPage: 200,
  outboxItems: 200,
  /** Messages refused because the outbox is full stay on screen, not on disk. */
  outboxOverflow: 50,
  drafts: 200,
  profiles: 200,
  /** Ticks of conversations not loaded yet, kept in case a page on its way is older. */
  strayTicks: 5_000,
  pendingReads: 1_000,
  revisedMessages: 200,
  rowsFetchedAtOnce: 4,
  conversationsSentAtOnce: 4,
} as const;

export const delaysMs = {
  request: 15_000,
  readMark: 300,
  typingSend: 3_000,
  typingShown: 6_000,
  retryFirst: 1_000,
  retryMax: 30_000,
  /** How long the first inbox page waits for the socket's welcome, so that one load does for both. */
  welcomeWait: 400,
} as const;
