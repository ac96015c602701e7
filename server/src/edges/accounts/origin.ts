import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import './viewer.ts';

/**
 * True when a browser page of ours may have sent this. With PUBLIC_URL only that origin is ours; without it the
 * server may be reached under any name (127.0.0.1, localhost, a LAN address), so the page's host must be the one the
 * request itself was sent to. No Origin header: not a cross-site request of a browser, which always sends one
 * with anything but GET and HEAD. `null` (a sandboxed frame, a data: page) is foreign.
 */
export function isOwnOrigin(
  request: { origin: string | undefined; host: string },
  publicUrl: string,
): boolean {
  if (request.origin === undefined) return true;
  if (publicUrl !== '') return request.origin === publicUrl;
  if (!URL.canParse(request.origin)) return false;
  const { protocol, host } = new URL(request.origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return sameHost(host, request.host, protocol);
}

/**
 * A hook (preHandler or onRequest, after `request.viewer` is set) for all of /api: a page of another site cannot
 * use the cookie of somebody who is signed in here. Refuses `wrong_origin`. /api/auth checks for itself, because its
 * errors have better-auth's form.
 */
export function refuseForeignOrigin(publicUrl: string): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS')
      return;
    if (request.viewer?.via !== 'cookie' || request.url.startsWith('/api/auth/')) return;
    const sent = { origin: request.headers.origin, host: request.host };
    if (!isOwnOrigin(sent, publicUrl)) throw new Refusal('wrong_origin');
  };
}

function sameHost(originHost: string, host: string, protocol: string): boolean {
  const standardPort = protocol === 'https:' ? ':443' : ':80';
  const plain = host.toLowerCase();
  return (
    originHost === (plain.endsWith(standardPort) ? plain.slice(0, -standardPort.length) : plain)
  );
}
