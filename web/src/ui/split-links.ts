import { linkifyit } from 'linkify-it';

const linkify = linkifyit({ fuzzyLink: true, fuzzyEmail: true }).add('ftp:', null).add('//', null);
/** What a click may open; everything else stays text. */
const opens = /^(https?|mailto):/i;

export interface TextPart {
  text: string;
  href?: string;
}

/** Cuts a text into plain parts and addresses (http, https, mailto); joined again they are the text. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of linkify.match(text) ?? []) {
    if (!opens.test(match.url)) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: match.raw, href: secure(match.url, match.schema) });
    from = match.lastIndex;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** An address typed without a scheme is opened over https. */
function secure(url: string, schema: string): string {
  return schema === '' ? url.replace(/^http:/, 'https:') : url;
}
