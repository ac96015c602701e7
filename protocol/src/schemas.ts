// The validators behind the types; for the server, which checks every body against them.
export * from './accounts.ts';
export * from './consent.ts';
export * from './conversations.ts';
export * from './people.ts';
export { ClientFrame } from './frames.ts';
