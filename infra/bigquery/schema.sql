-- The query copy of the log in BigQuery: tables and views. Run it once, and again after an update; it changes no row. `gorunchat` is the dataset: put another name in its place where yours has one.
-- The same names and columns are in the DuckDB copy (server/journal/sinks/duckdb-schema.ts). Nothing that somebody wrote can be read here: `sealed` is the cipher text that is kept.

CREATE TABLE IF NOT EXISTS gorunchat.record_rows (
  place INT64 NOT NULL,
  chain STRING NOT NULL,
  number INT64 NOT NULL,
  epoch INT64 NOT NULL,
  at_ms INT64 NOT NULL,
  type STRING NOT NULL,
  key_id STRING NOT NULL,
  sealed STRING NOT NULL,
  previous_hash STRING NOT NULL,
  record_hash STRING NOT NULL
)
PARTITION BY RANGE_BUCKET(place, GENERATE_ARRAY(0, 180000000, 20000)) -- so that a question about the last records reads few
CLUSTER BY place;

CREATE TABLE IF NOT EXISTS gorunchat.checkpoint_rows (
  size INT64 NOT NULL,
  note STRING NOT NULL,
  signing_keys STRING NOT NULL
);

-- A row that was sent twice is there once. Where two rows of one place are not the same, somebody added one: the product tells it, and both are shown.
CREATE OR REPLACE VIEW gorunchat.records AS
SELECT *, TIMESTAMP_MILLIS(at_ms) AS made_at, DATE(TIMESTAMP_MILLIS(at_ms)) AS day
FROM (SELECT DISTINCT place, chain, number, epoch, at_ms, type, key_id, sealed, previous_hash, record_hash FROM gorunchat.record_rows);

CREATE OR REPLACE VIEW gorunchat.checkpoints AS
SELECT size, MIN(note) AS note, MIN(signing_keys) AS signing_keys FROM gorunchat.checkpoint_rows GROUP BY size;

-- Messages of people. What a model answered comes with the end of its turn.
CREATE OR REPLACE VIEW gorunchat.messages AS
SELECT day, made_at, chain, number, place FROM gorunchat.records WHERE type = 'message-added';

CREATE OR REPLACE VIEW gorunchat.turns AS
SELECT day, made_at, chain, number, place, type FROM gorunchat.records
WHERE type IN ('turn-begun', 'turn-accepted', 'turn-resumed', 'turn-stopped', 'turn-ended');

CREATE OR REPLACE VIEW gorunchat.audit_events AS
SELECT day, made_at, type, number, place FROM gorunchat.records WHERE chain = 'audit';

CREATE OR REPLACE VIEW gorunchat.conversations AS
SELECT chain, MIN(made_at) AS began_at, MAX(made_at) AS last_at, COUNT(*) AS records,
  COUNTIF(type = 'message-added') AS messages, COUNTIF(type = 'turn-ended') AS turns,
  MAX(IF(type = 'conversation-erased', made_at, NULL)) AS erased_at
FROM gorunchat.records WHERE chain <> 'audit' GROUP BY chain;

CREATE OR REPLACE VIEW gorunchat.erasures AS
SELECT day, made_at, chain, number, place, type FROM gorunchat.records
WHERE type IN ('conversation-deleted', 'conversation-restored', 'content-removed', 'conversation-erased');

CREATE OR REPLACE VIEW gorunchat.per_day AS
SELECT day, type, COUNT(*) AS records, COUNT(DISTINCT chain) AS chains FROM gorunchat.records GROUP BY day, type;
