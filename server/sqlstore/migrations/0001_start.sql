-- Times are Unix milliseconds. Texts that hold params, tags and documents are
-- JSON. Packed columns (run_latest.data, run_log.data, blocks.data) are
-- described in pack.go and codec.go.

CREATE TABLE experiments(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  artifact_location TEXT NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  tags TEXT NOT NULL DEFAULT '{}'
);

-- deleted: 0 no, 1 by itself, 2 together with its experiment
CREATE TABLE runs(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  exp_id INTEGER NOT NULL REFERENCES experiments(id),
  deleted INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL DEFAULT 0,
  name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  artifact_uri TEXT NOT NULL,
  attrs TEXT NOT NULL
);
CREATE INDEX runs_exp ON runs(exp_id, start_ms, id);

-- Names of series; kind 1 is a metric.
CREATE TABLE keys(
  id INTEGER PRIMARY KEY,
  exp_id INTEGER NOT NULL REFERENCES experiments(id),
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  context TEXT NOT NULL DEFAULT '',
  UNIQUE(exp_id, kind, name, context)
);

-- One row a run from its creation on. ver grows with every change of the run,
-- also of its params, tags and lifecycle: it is the cursor of what is in memory.
CREATE TABLE run_latest(
  run_id INTEGER PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE,
  exp_id INTEGER NOT NULL,
  ver INTEGER NOT NULL,
  data BLOB NOT NULL
);
CREATE INDEX run_latest_ver ON run_latest(exp_id, ver);

-- Points as they came, one row a logging call. Not WITHOUT ROWID: long rows
-- would cost twice the space.
CREATE TABLE run_log(
  run_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY(run_id, seq)
);

-- Sealed points. amin, amax: steps of the least and greatest value.
CREATE TABLE blocks(
  run_id INTEGER NOT NULL,
  key_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  step0 INTEGER NOT NULL,
  step1 INTEGER NOT NULL,
  ts0 INTEGER NOT NULL,
  ts1 INTEGER NOT NULL,
  vmin REAL,
  vmax REAL,
  amin INTEGER,
  amax INTEGER,
  data BLOB NOT NULL,
  PRIMARY KEY(run_id, key_id, seq)
);

-- What a point was measured of, where a client said so. bits: the value.
CREATE TABLE point_of(
  run_id INTEGER NOT NULL,
  key_id INTEGER NOT NULL,
  step INTEGER NOT NULL,
  ts INTEGER NOT NULL,
  bits INTEGER NOT NULL,
  model_id TEXT NOT NULL,
  dataset_name TEXT NOT NULL,
  dataset_digest TEXT NOT NULL,
  PRIMARY KEY(run_id, key_id, step, ts, bits, model_id, dataset_name, dataset_digest)
) WITHOUT ROWID;
CREATE INDEX point_of_model ON point_of(model_id);

-- Tags that runs are found by.
CREATE TABLE run_lookup(
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  PRIMARY KEY(value, key, run_id)
) WITHOUT ROWID;
CREATE INDEX run_lookup_run ON run_lookup(run_id);

CREATE TABLE datasets(
  id INTEGER PRIMARY KEY,
  exp_id INTEGER NOT NULL REFERENCES experiments(id),
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source TEXT NOT NULL,
  schema TEXT NOT NULL,
  profile TEXT NOT NULL,
  UNIQUE(exp_id, name, digest)
);
CREATE TABLE run_datasets(
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  dataset_id INTEGER NOT NULL REFERENCES datasets(id),
  tags TEXT NOT NULL,
  PRIMARY KEY(run_id, dataset_id)
);
-- output: 0 the run read the model, 1 it made it
CREATE TABLE run_models(
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  output INTEGER NOT NULL,
  model_id TEXT NOT NULL,
  step INTEGER NOT NULL,
  PRIMARY KEY(run_id, output, model_id, step)
);

CREATE TABLE logged_models(
  id TEXT PRIMARY KEY,
  exp_id INTEGER NOT NULL REFERENCES experiments(id),
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  source_run TEXT NOT NULL,
  status TEXT NOT NULL,
  status_message TEXT NOT NULL,
  artifact_uri TEXT NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  params TEXT NOT NULL,
  tags TEXT NOT NULL
);
CREATE INDEX logged_models_exp ON logged_models(exp_id);

-- last_version: numbers are never given twice
CREATE TABLE models(
  name TEXT PRIMARY KEY,
  description TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  tags TEXT NOT NULL,
  last_version INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE versions(
  model TEXT NOT NULL REFERENCES models(name) ON UPDATE CASCADE ON DELETE CASCADE,
  version INTEGER NOT NULL,
  source TEXT NOT NULL,
  storage_location TEXT NOT NULL,
  run_id TEXT NOT NULL,
  run_link TEXT NOT NULL,
  logged_model_id TEXT NOT NULL,
  status TEXT NOT NULL,
  status_message TEXT NOT NULL,
  stage TEXT NOT NULL,
  description TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  tags TEXT NOT NULL,
  files TEXT NOT NULL DEFAULT '',
  origin TEXT NOT NULL DEFAULT '',
  PRIMARY KEY(model, version)
);
CREATE INDEX versions_run ON versions(run_id);
CREATE TABLE aliases(
  model TEXT NOT NULL,
  alias TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY(model, alias),
  FOREIGN KEY(model, version) REFERENCES versions(model, version) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX aliases_version ON aliases(model, version);

-- Every revision is kept. Not tied to models: protection outlives a deletion.
CREATE TABLE policies(
  model TEXT NOT NULL,
  revision INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY(model, revision)
);

CREATE TABLE reviews(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL,
  number INTEGER NOT NULL,
  head TEXT NOT NULL,
  run_id TEXT NOT NULL,
  created INTEGER NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX reviews_project ON reviews(project, number);
CREATE INDEX reviews_head ON reviews(head);
CREATE INDEX reviews_run ON reviews(run_id);

-- The audit trail: hash covers the entry and prev (track.EventHash).
CREATE TABLE events(
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  model TEXT NOT NULL,
  detail TEXT NOT NULL,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX events_model ON events(model, seq);

-- What grows by bytes: output now; text and tables by step later.
CREATE TABLE streams(
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  context TEXT NOT NULL,
  step INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  size INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY(run_id, name, context, step, offset)
);

-- What was deleted for good, so that memory, replicas and imports know.
CREATE TABLE tombstones(
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY(kind, id)
);
