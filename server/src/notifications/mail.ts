import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Task } from './jobs.ts';

export interface Mail {
  to: string;
  subject: string;
  /** Plain text, English. */
  text: string;
}

/** The name of the job; its payload is a Mail. */
export const mailTask = 'mail';

const keptFilesMax = 1_000;
/** Grows by e each time: about an hour in all, as long as the links in mails work. */
const triesMax = 8;

/**
 * Sends one mail by the SMTP server at `smtpUrl`, or without one writes it to `<dataDir>/mail/`, readable for the
 * owner only, where the newest 1,000 stay. Failures carry no address.
 */
export function sendMailTask(options: {
  smtpUrl: string | null;
  mailFrom: string;
  dataDir: string;
}): Task {
  const { smtpUrl, mailFrom } = options;
  const folder = join(options.dataDir, 'mail');
  const transport =
    smtpUrl === null
      ? null
      : createTransport(smtpUrl, { disableFileAccess: true, disableUrlAccess: true });
  return {
    maxAttempts: triesMax,
    async run(payload) {
      const mail = asMail(payload);
      if (!transport) return writeMail(folder, mailFrom, mail);
      await transport
        .sendMail({ from: mailFrom, ...mail })
        .catch((error: { code?: string; responseCode?: number }) => {
          // The server's own words name the address.
          throw new Error(
            `mail not sent: ${error.code ?? 'unknown'} ${error.responseCode ?? ''}`.trim(),
          );
        });
    },
  };
}

async function writeMail(folder: string, from: string, mail: Mail): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const headers = {
    From: from,
    To: mail.to,
    Subject: mail.subject,
    Date: new Date().toUTCString(),
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${oneLine(value)}\n`);
  const rest =
    'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n';
  const name = `${String(Date.now()).padStart(15, '0')}-${randomBytes(4).toString('hex')}.eml`;
  // Whoever watches the folder sees whole mails only.
  const draft = join(folder, `.${name}`);
  await writeFile(draft, `${head.join('')}${rest}\n${mail.text}`, { mode: 0o600 });
  await rename(draft, join(folder, name));
  const files = (await readdir(folder)).filter((file) => file.endsWith('.eml')).sort();
  const tooOld = files.slice(0, Math.max(0, files.length - keptFilesMax));
  await Promise.all(tooOld.map((file) => rm(join(folder, file), { force: true })));
}

function oneLine(value: string): string {
  return value.replace(/[\r\n]+/g, ' ');
}

function asMail(payload: unknown): Mail {
  const { to, subject, text } = (payload ?? {}) as Partial<Record<keyof Mail, unknown>>;
  if (typeof to !== 'string' || typeof subject !== 'string' || typeof text !== 'string') {
    throw new Error('a mail job without to, subject and text');
  }
  return { to: oneLine(to), subject: oneLine(subject), text };
}
