import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from '@playwright/test';
import { newServerProcess, type ServerProcess } from '../support/process.ts';
import { newAccount, type Account } from '../support/tab.ts';

/** A page of somebody else's site: its markup, and the security policy that its own server sends. */
export interface HostPage {
  readonly body: string;
  readonly head?: string;
  readonly policy?: string;
}

/** A site of somebody else on this machine. `localhost` and `127.0.0.1` are two sites to a browser; two ports of the same name are not. */
export interface HostSite extends AsyncDisposable {
  readonly origin: string;
  /** The page under this path from now on; returns its address. */
  serve(path: string, page: HostPage): string;
}

export async function newHostSite(name: 'localhost' | '127.0.0.1' = 'localhost'): Promise<HostSite> {
  const pages = new Map<string, HostPage>();
  const server: Server = createServer((request, reply) => {
    const page = pages.get(new URL(request.url ?? '/', 'http://x').pathname);
    if (page === undefined) return void reply.writeHead(204).end();
    reply.setHeader('content-type', 'text/html; charset=utf-8');
    if (page.policy !== undefined) reply.setHeader('content-security-policy', page.policy);
    reply.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Kite &amp; Kiln</title>${page.head ?? ''}</head><body>${page.body}</body></html>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://${name}:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    serve(path, page) {
      pages.set(path, page);
      return origin + path;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a careful site sends: nothing inline, nothing evaluated, Trusted Types enforced. */
export function strictPolicy(deployment: string): string {
  const socket = deployment.replace(/^http/u, 'ws');
  return `default-src 'self'; script-src 'self' ${deployment}; style-src 'self'; img-src 'self' blob:; connect-src 'self' ${deployment} ${socket}; frame-src ${deployment}; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types lit-html 'allow-duplicates'`;
}

export interface Embedded {
  readonly server: ServerProcess;
  /** Another site, whose pages the chat stands on. */
  readonly host: HostSite;
  readonly admin: Account;
}

/** Each test of the file has a deployment, another site and an administrator of its own. */
export function eachEmbedded(take: (made: Embedded) => void): void {
  let made: Embedded | undefined;
  test.beforeEach(async () => {
    const server = await newServerProcess();
    made = { server, host: await newHostSite(), admin: await newAccount(server.url) };
    take(made);
  });
  test.afterEach(async () => {
    await made?.host[Symbol.asyncDispose]();
    await made?.server[Symbol.asyncDispose]();
  });
}
