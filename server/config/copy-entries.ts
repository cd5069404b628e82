import { z } from '../../contracts/zod.ts';

const BUCKET = 'must be the name of a bucket';
export const Bucket = z.string(BUCKET).regex(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/u, BUCKET);
const PREFIX = 'must be a path of letters, digits, dots, - and _';
export const Prefix = z.string(PREFIX).regex(/^(?:[A-Za-z0-9][A-Za-z0-9._-]*\/?)*$/u, PREFIX).max(200);
const PROJECT = 'must be the id of a project';
export const Project = z.string(PROJECT).regex(/^(?:[a-z0-9.-]{1,100}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/u, PROJECT);
const DATASET = 'must be the name of a dataset: letters, digits and _';
export const Dataset = z.string(DATASET).regex(/^\w{1,1000}$/u, DATASET);
const ADDRESS = 'must be an address such as https://storage-acme.p.googleapis.com, without a name, a password or anything after the host';
/** Of Google's in a private network, or of something that stands in for it. */
const Address = z.string(ADDRESS).refine((given) => {
  const url = URL.parse(given);
  return url !== null && /^https?:$/u.test(url.protocol) && url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === '';
}, ADDRESS);

/** Copies of the log besides the folder. */
export const CopyEntries = z.strictObject({
  cloudStorage: z.strictObject({ bucket: Bucket, prefix: Prefix.optional(), endpoint: Address.optional() }).optional(),
  duckdb: z.string().trim().min(1, 'must not be empty').optional(),
  bigquery: z.strictObject({ project: Project, dataset: Dataset, endpoint: Address.optional() }).optional(),
});
export type CopyEntries = z.infer<typeof CopyEntries>;
