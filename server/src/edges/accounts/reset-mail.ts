/** What the account edge asks somebody else to send. */
export interface AccountMail {
  to: string;
  subject: string;
  text: string;
}

/** Says how to choose a new password, and what to do when one did not ask. The link works for an hour, once. */
export function resetMail(to: string, link: string): AccountMail {
  return {
    to,
    subject: 'Choose a new password for Aside',
    text: `Somebody, probably you, asked to reset the password of your Aside account.

Choose a new one here within the next hour:
${link}

If it was not you, ignore this mail. Your password stays as it is.
`,
  };
}
