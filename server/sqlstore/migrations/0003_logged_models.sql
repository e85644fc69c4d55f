CREATE INDEX logged_models_run ON logged_models(source_run);
