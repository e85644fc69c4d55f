-- What belongs to a merge request is found without looking at anything else.
-- change_runs.go asks with the same expressions; another wording would not use
-- the index.
CREATE INDEX runs_change ON runs(attrs ->> '$.tags."assay.project"', attrs ->> '$.tags."assay.change"', start_ms DESC, uuid)
 WHERE deleted = 0 AND attrs ->> '$.tags."assay.change"' IS NOT NULL;

ALTER TABLE reviews ADD COLUMN baseline_run_id TEXT NOT NULL DEFAULT '';
UPDATE reviews SET baseline_run_id = coalesce(doc ->> '$.baseline_run_id', '');
DROP INDEX reviews_project;
CREATE INDEX reviews_change ON reviews(project, number, created, seq, head, run_id, baseline_run_id);
CREATE INDEX reviews_created ON reviews(created, seq);
