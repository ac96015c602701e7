import { findLinks } from '@aside/protocol';

// The server's rules and the page use the same answer to what a link is, so that nothing is live that the rules did
// not see.

/** A plain mail address; nothing that is part of a longer word or address. */
const mail =
  /(?<![\w.%+@/-])[\w.%+-]{1,64}@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.){1,8}[a-z]{2,24}(?![\w@/-])/giu;

export interface TextPart {
  text: string;
  href?: string;
}

/** Cuts a text into plain parts and addresses (http, https, mailto); joined again they are the text. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const link of findLinks(text)) {
    parts.push(...splitMail(text.slice(from, link.start)));
    parts.push({ text: text.slice(link.start, link.end), href: link.href });
    from = link.end;
  }
  parts.push(...splitMail(text.slice(from)));
  return parts;
}

function splitMail(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.includes('@') ? text.matchAll(mail) : []) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: match[0], href: `mailto:${match[0]}` });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}
