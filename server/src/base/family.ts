/** The four families of data; each may live in a database of its own (docs/architecture.md). */
export const families = ['conversation', 'person', 'identity', 'jobs'] as const;
export type Family = (typeof families)[number];

/** The DSN of each family; all the same unless the operator parts them. */
export type FamilyUrls = Record<Family, string>;
