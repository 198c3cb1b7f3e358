import type { BrowserCommand } from 'vitest/node';
import { type HttpServer, type ReceivedRequest, type Script, startHttpServer } from './http-server.ts';

const servers = new Map<string, HttpServer>();

function serverAt(url: string): HttpServer {
  const server = servers.get(url);
  if (!server) throw new Error(`No server was started at ${url}`);
  return server;
}

const serve: BrowserCommand<[script: Script]> = async (_context, script) => {
  const server = await startHttpServer(script);
  servers.set(server.url, server);
  return server.url;
};

const answer: BrowserCommand<[url: string, script: Script]> = (_context, url, script) => serverAt(url).answer(script);

const release: BrowserCommand<[url: string, gate: string]> = (_context, url, gate) => serverAt(url).release(gate);

const requests: BrowserCommand<[url: string]> = (_context, url) => serverAt(url).requests;

const closeServer: BrowserCommand<[url: string]> = async (_context, url) => {
  const server = serverAt(url);
  servers.delete(url);
  await server.close();
};

/** What a test that runs in a page can have done in Node: start, steer, question and stop HTTP servers. */
export const browserCommands = { serve, answer, release, requests, closeServer };

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Starts a server for the script and gives its origin. */
    serve(script: Script): Promise<string>;
    /** Replaces the script of a server from its next request on. */
    answer(url: string, script: Script): Promise<void>;
    /** Lets the chunks with this gate through. */
    release(url: string, gate: string): Promise<void>;
    /** What the server received so far, CORS preflights left out. */
    requests(url: string): Promise<ReceivedRequest[]>;
    closeServer(url: string): Promise<void>;
  }
}
