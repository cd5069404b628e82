import type { ModelId, SiteId } from './ids.ts';

/** The model of a site's conversations, as commands and messages name it: which one answers is decided by the site. */
export function siteModel(site: SiteId): ModelId {
  return `site/${site}` as ModelId;
}

/** The site whose model it is, if it is one. */
export function siteOf(model: ModelId): SiteId | undefined {
  return model.startsWith('site/') ? (model.slice(5) as SiteId) : undefined;
}
