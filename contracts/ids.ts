import { z } from './zod.ts';

/** 128 random bits in base64url: nobody guesses an id, and a tab can make one without asking. */
const random = /^[A-Za-z0-9_-]{22}$/;
const id = <Brand extends string>(brand: Brand) => z.string().regex(random, 'not an id').brand<Brand>().meta({ id: brand });

export const ConversationId = id('ConversationId');
export type ConversationId = z.infer<typeof ConversationId>;
export const MessageId = id('MessageId');
export type MessageId = z.infer<typeof MessageId>;
export const TurnId = id('TurnId');
export type TurnId = z.infer<typeof TurnId>;
/** Names one intention of a person. The same id sent again has the same answer and no second effect. */
export const CommandId = id('CommandId');
export type CommandId = z.infer<typeof CommandId>;
export const UserId = id('UserId');
export type UserId = z.infer<typeof UserId>;
export const FileId = id('FileId');
export type FileId = z.infer<typeof FileId>;
export const CaseId = id('CaseId');
export type CaseId = z.infer<typeof CaseId>;
export const ExportId = id('ExportId');
export type ExportId = z.infer<typeof ExportId>;
export const AccessId = id('AccessId');
export type AccessId = z.infer<typeof AccessId>;
export const TabId = id('TabId');
export type TabId = z.infer<typeof TabId>;
export const SessionId = id('SessionId');
export type SessionId = z.infer<typeof SessionId>;

/** A site that embeds the chat. It stands in the site's pages for everybody to read, so it is a name and no secret. */
export const SiteId = z.string().regex(/^site_[A-Za-z0-9_-]{22}$/, 'not a site').brand<'SiteId'>().meta({ id: 'SiteId' });
export type SiteId = z.infer<typeof SiteId>;

/** `provider/model`, where the provider is a name of the catalog: `openai/gpt-5`, `ollama/llama3.2:3b`. */
export const ModelId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}\/[^\s/].{0,199}$/u, 'not a model').brand<'ModelId'>().meta({ id: 'ModelId' });
export type ModelId = z.infer<typeof ModelId>;
