import { ConversationRow, Handoff, Instant } from './conversation.ts';
import { CommandId, ConversationId, ModelId, SiteId, UserId } from './ids.ts';
import { LANGUAGES } from './languages.ts';
import { isWellFormed } from './models.ts';
import { Vouched } from './vouched.ts';
import { z } from './zod.ts';

const words = (most: number) => z.string().trim().max(most).refine(isWellFormed, 'not valid text');

/** `https://shop.example.com`, or `https://*.example.com` for every name below it. Without a path; plain http for whoever tries it out. */
export const OriginPattern = z
  .string()
  .trim()
  .toLowerCase()
  .max(300)
  .regex(/^https?:\/\/(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(?::\d{1,5})?$/u, 'an origin such as https://shop.example.com');

const perDay = z.int().min(1).max(1_000_000);

/** What an admin decides about the chat of a site. What a visitor's page cannot choose (the model, what it is told, the limits) stands here alone. */
export const SiteSettings = z
  .strictObject({
    /** For those who manage it. */
    name: words(100).min(1),
    /** Pages of these origins may show the chat. */
    origins: z.array(OriginPattern).min(1).max(50),
    model: ModelId,
    /** Told to the model before whatever a visitor says, and never to the visitor. */
    instructions: words(32_000),
    /** Stands over the conversation. */
    title: words(60).min(1),
    greeting: words(300),
    starters: z.array(words(120).min(1)).max(6),
    /** The colour of the button and of Send; `null`: the product's own. */
    accent: z.string().regex(/^#[0-9a-f]{6}$/u, 'a colour such as #7a3b12').nullable(),
    /** Light or dark whatever the page is; `host`: as the page. The element's own `theme` goes before it. */
    theme: z.enum(['host', 'light', 'dark']),
    /** What it speaks: the language of the page where that is among them, else the first. */
    languages: z.array(z.enum(LANGUAGES)).min(1).refine((all) => new Set(all).size === all.length, 'each once'),
    uploads: z.boolean(),
    /** Whether visitors may ask for a person. */
    handoff: z.boolean(),
    /** What people who answer say often. */
    answers: z.array(words(1_000).min(1)).max(20),
    /** Replies that may be asked for in 24 hours. */
    limits: z.strictObject({ visitor: perDay, address: perDay, site: perDay }),
    /** Whether the browser of somebody new and anonymous has to do some work first. */
    challenge: z.boolean(),
    /** When people answer, in words. */
    hours: words(300),
    /** Whether the page that shows the chat is told what is said in it, for use by its own scripts. */
    tellsText: z.boolean(),
    /** Said before the first message; with `asks`, it has to be agreed to. */
    privacy: z.strictObject({ note: words(1_000), address: z.union([z.literal(''), z.url({ protocol: /^https?$/u }).max(500)]), asks: z.boolean() }),
  })
  .meta({ id: 'SiteSettings' });
export type SiteSettings = z.infer<typeof SiteSettings>;

/** A key with which the site's own server signs who its users are. The key itself is told once, when it is made. */
export const SiteKey = z.object({ id: z.string(), createdAt: Instant }).meta({ id: 'SiteKey' });
export type SiteKey = z.infer<typeof SiteKey>;

/** `isLive`: the chat is open; else its pages are told that it is closed. */
export const Site = z.object({ id: SiteId, createdAt: Instant, isLive: z.boolean(), settings: SiteSettings, keys: z.array(SiteKey) }).meta({ id: 'Site' });
export type Site = z.infer<typeof Site>;

/** What the page of a site is told. */
export const ShownSite = z
  .object({
    site: SiteId,
    ...SiteSettings.pick({ title: true, greeting: true, starters: true, theme: true, languages: true, uploads: true, handoff: true, hours: true, tellsText: true, privacy: true }).shape,
    /** A ground, and letters that can be read on it. */
    accent: z.object({ ground: z.string(), text: z.string() }).nullable(),
    limits: z.object({ messageCharacters: z.int(), fileBytes: z.int(), filesPerMessage: z.int() }),
  })
  .meta({ id: 'ShownSite' });
export type ShownSite = z.infer<typeof ShownSite>;

/**
 * Who a visitor is: `token` goes with every connection and request for `lastsMs`, whatever the browser's clock says, `keep` is for getting the next one, also on the site's next page. Both are of no use on
 * another site, or to a page of another origin.
 */
export const Visit = z
  .object({
    visitor: UserId,
    token: z.string(),
    keep: z.string(),
    lastsMs: z.int(),
    /** By the server's clock: a browser's may be another. */
    now: Instant,
    /** What the site told of a user that it vouches for; `null` of somebody anonymous. */
    name: z.string().nullable(),
    /** Who they were, anonymous, until the site said who they are: what that visitor has not sent yet is theirs. */
    was: UserId.optional(),
    /** The latest one, to go on with. */
    conversation: ConversationId.nullable(),
  })
  .meta({ id: 'Visit' });
export type Visit = z.infer<typeof Visit>;

/** Work for a browser: a nonce with which SHA-256 of `challenge + nonce` begins with `bits` zero bits. For this site and origin, two minutes, one use. */
export const Challenge = z.object({ challenge: z.string(), bits: z.int() }).meta({ id: 'Challenge' });
export type Challenge = z.infer<typeof Challenge>;
export const Solution = z.strictObject({ challenge: z.string().max(1_000), nonce: z.string().max(40) }).meta({ id: 'Solution' });
export type Solution = z.infer<typeof Solution>;

/** A visitor's conversation where those who answer see its row. */
export const InboxRow = z
  .object({ id: ConversationId, site: SiteId, siteName: z.string(), /** What is said often there. */ answers: z.array(z.string()), title: z.string(), createdAt: Instant, updatedAt: Instant, running: z.boolean(), handoff: Handoff.nullable(), /** `null` of somebody anonymous. */ visitor: Vouched.nullable(), /** As in the row of a list. */ position: ConversationRow.shape.position })
  .meta({ id: 'InboxRow' });
export type InboxRow = z.infer<typeof InboxRow>;

/** Somebody who is kept out of a site. */
export const BlockedVisitor = z.object({ visitor: UserId, at: Instant }).meta({ id: 'BlockedVisitor' });
export type BlockedVisitor = z.infer<typeof BlockedVisitor>;

/** What those who answer told each other of a visitor's conversation. The visitor is never shown it. */
export const Note = z.object({ id: CommandId, by: z.object({ user: UserId, name: z.string() }), at: Instant, text: z.string() }).meta({ id: 'Note' });
export type Note = z.infer<typeof Note>;

const count = z.int().min(0);

/** What came of a site's chat on one day (UTC). `handedOver` counts conversations that a person answered in, `settled` those in which the model has answered and no person did or is asked for, `firstMs` and `tookMs` are the medians of the model's replies; `cost` is there where prices are set. */
export const SiteDay = z
  .object({ day: z.string(), conversations: count, handedOver: count, settled: count, asked: count, answered: count, unfinished: count, byPeople: count, good: count, bad: count, inputTokens: count, outputTokens: count, firstMs: count.nullable(), tookMs: count.nullable(), cost: z.number().min(0).optional() })
  .meta({ id: 'SiteDay' });
export type SiteDay = z.infer<typeof SiteDay>;
