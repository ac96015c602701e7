import { randomInt } from 'node:crypto';

const ofThisProcess = randomInt(2 ** 40).toString(36);
let count = 0;

/** Names one request or socket in the logs of a community of processes. Says nothing about who asked. */
export function nextRequestId(): string {
  count += 1;
  return `${ofThisProcess}-${count.toString(36)}`;
}
