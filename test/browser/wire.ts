import type { Page, WebSocketRoute } from '@playwright/test';

/** The connection of one page, in the hands of a test. */
export interface Wire {
  /** Breaks the connection and lets no new one through. */
  cut(): Promise<void>;
  /** Lets connections through again. */
  mend(): void;
  /** Keeps what the server says until `release`. */
  hold(): void;
  release(): void;
}

/** To be called before the page is opened. */
export async function wireOf(page: Page): Promise<Wire> {
  let isCut = false;
  let isHeld = false;
  let open: WebSocketRoute | undefined;
  const kept: (() => void)[] = [];
  await page.routeWebSocket(/\/socket\.io\//u, async (route) => {
    if (isCut) return route.close();
    open = route;
    const server = route.connectToServer();
    server.onMessage((message) => {
      if (isHeld) kept.push(() => route.send(message));
      else route.send(message);
    });
  });
  return {
    async cut() {
      isCut = true;
      await open?.close();
    },
    mend() {
      isCut = false;
    },
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
      for (const say of kept.splice(0)) say();
    },
  };
}
