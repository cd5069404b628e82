/**
 * Tables and views of a query copy in DuckDB; those of BigQuery, under the same names, are in `infra/bigquery/`. Nothing that somebody wrote can be read in any of them: `sealed` is the cipher text that
 * is kept. Run again it changes nothing but the views.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS record_rows (
  place BIGINT NOT NULL, chain VARCHAR NOT NULL, number BIGINT NOT NULL, epoch BIGINT NOT NULL, at_ms BIGINT NOT NULL,
  type VARCHAR NOT NULL, key_id VARCHAR NOT NULL, sealed VARCHAR NOT NULL, previous_hash VARCHAR NOT NULL, record_hash VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS checkpoint_rows (size BIGINT NOT NULL, note VARCHAR NOT NULL, signing_keys VARCHAR NOT NULL);

CREATE OR REPLACE VIEW records AS
SELECT *, make_timestamp(at_ms * 1000) AS made_at, CAST(make_timestamp(at_ms * 1000) AS DATE) AS day FROM (SELECT DISTINCT * FROM record_rows);

CREATE OR REPLACE VIEW checkpoints AS
SELECT size, note, signing_keys FROM checkpoint_rows;

CREATE OR REPLACE VIEW messages AS
SELECT day, made_at, chain, number, place FROM records WHERE type = 'message-added';

CREATE OR REPLACE VIEW turns AS
SELECT day, made_at, chain, number, place, type FROM records WHERE type IN ('turn-begun', 'turn-accepted', 'turn-resumed', 'turn-stopped', 'turn-ended');

CREATE OR REPLACE VIEW audit_events AS
SELECT day, made_at, type, number, place FROM records WHERE chain = 'audit';

CREATE OR REPLACE VIEW conversations AS
SELECT chain, MIN(made_at) AS began_at, MAX(made_at) AS last_at, COUNT(*) AS records,
  COUNT(*) FILTER (WHERE type = 'message-added') AS messages, COUNT(*) FILTER (WHERE type = 'turn-ended') AS turns,
  MAX(made_at) FILTER (WHERE type = 'conversation-erased') AS erased_at
FROM records WHERE chain <> 'audit' GROUP BY chain;

CREATE OR REPLACE VIEW erasures AS
SELECT day, made_at, chain, number, place, type FROM records
WHERE type IN ('conversation-deleted', 'conversation-restored', 'content-removed', 'conversation-erased');

CREATE OR REPLACE VIEW per_day AS
SELECT day, type, COUNT(*) AS records, COUNT(DISTINCT chain) AS chains FROM records GROUP BY day, type;
`;
