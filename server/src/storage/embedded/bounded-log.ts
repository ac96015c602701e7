import { appendFileSync, renameSync, statSync } from 'node:fs';

/**
 * PostgreSQL's own words: the last lines in memory for an error message, and all of them in a file that
 * together with its predecessor (`.1`) stays below 2 MB.
 */
export class BoundedLog {
  readonly #path: string;
  readonly #lines: string[] = [];
  #fileBytes: number;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
    this.#fileBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Takes a piece of output and returns the lines that it completed. */
  add(text: string): string[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()?.slice(-4000) ?? '';
    this.#lines.push(...lines);
    this.#lines.splice(0, this.#lines.length - 20);
    this.#write(text);
    return lines;
  }

  lastLines(): string {
    return [...this.#lines, this.#rest].join('\n').trim();
  }

  #write(text: string): void {
    try {
      if (this.#fileBytes > 1_000_000) {
        renameSync(this.#path, `${this.#path}.1`);
        this.#fileBytes = 0;
      }
      appendFileSync(this.#path, text, { mode: 0o600 });
      this.#fileBytes += text.length;
    } catch {
      // A full disk must not take the server down through its log; the lines stay in memory.
    }
  }
}
