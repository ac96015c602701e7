import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

// Opaque tokens: what stands in them can neither be read nor made by anybody without the server's secret.

export interface Sealer {
  seal(text: string): string;
  /** Null for anything that this server did not seal. */
  open(token: string): string | null;
}

const tagBytes = 16;
const nonceBytes = 12;
const tokenMaxChars = 200;

/**
 * AES-256-GCM with a nonce taken from the text itself (HMAC), so that the same text gives the same token and two
 * texts never share a nonce. `use` keeps tokens for one thing from being taken for another.
 */
export function createSealer(secret: string, use: string): Sealer {
  const derive = (name: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `aside ${use} ${name}`, 32));
  const key = derive('key');
  const nonceKey = derive('nonce');
  return {
    seal(text) {
      const nonce = createHmac('sha256', nonceKey).update(text).digest().subarray(0, nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(token) {
      if (token.length > tokenMaxChars || !/^[\w-]+$/.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length < nonceBytes + tagBytes) return null;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      try {
        const body = bytes.subarray(nonceBytes + tagBytes);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}
