/**
 * Something only the operator can put right before the server can run: a full disk, a wrong
 * `DATABASE_URL`, a folder that is not ours. The message is one clear sentence (a list of log lines
 * may follow it); `main` prints it to stderr and exits 1. Never carries a secret.
 */
export class StartupProblem extends Error {
  override readonly name = 'StartupProblem';
}
