import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { StartupProblem } from './base/startup-problem.ts';
import type { Config } from './config.ts';

/** Opens the port, and answers the address by which a program on this machine reaches it. */
export async function listen(app: FastifyInstance, config: Config): Promise<string> {
  try {
    await app.listen({ port: config.port, host: config.host });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      throw new StartupProblem(
        `Port ${config.port} is in use; stop what uses it or set PORT to another one.`,
      );
    }
    if (code === 'EACCES')
      throw new StartupProblem(
        `Port ${config.port} may not be used by this user; set PORT to one above 1023.`,
      );
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartupProblem(`HOST ${config.host} is not an address of this machine.`);
    }
    throw error;
  }
  const { port } = app.server.address() as AddressInfo;
  return `http://${reachableHost(config.host)}:${port}`;
}

/** Every address of the machine is not an address that a browser can go to. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
