import { apiOf, type Addresses } from './api.ts';

type VisitorRoute = 'upload' | 'file' | 'shownSite' | 'challenge' | 'visit' | 'visitorUpload' | 'visitorFile';

/** What is asked from the pages of sites, and what shares a file with that. */
export const VISITOR_ADDRESSES = {
  upload: { method: 'POST', path: '/api/conversations/:conversation/files' },
  file: { method: 'GET', path: '/api/files/:file' },
  shownSite: { method: 'GET', path: '/api/widget/:site' },
  challenge: { method: 'GET', path: '/api/widget/:site/challenge' },
  visit: { method: 'POST', path: '/api/widget/:site/visit' },
  visitorUpload: { method: 'POST', path: '/api/widget/:site/conversations/:conversation/files' },
  visitorFile: { method: 'GET', path: '/api/widget/:site/files/:file' },
} as const satisfies Addresses<VisitorRoute>;

export const { addressOf, call } = apiOf<VisitorRoute>(VISITOR_ADDRESSES);
