"""Differences from MLflow's own server that are on purpose.

Each is a pattern over "call | place | MLflow's | ours" and the reason; the
first that matches counts.
"""

STRICT = "a value of a wrong type is refused; MLflow drops it, and what follows it, without a word"
BETTER_500 = "MLflow fails inside (500) or shows its database's error; we say what is wrong with the call"
SUPERSET = "our filters and orders are a superset (OR, NOT, parentheses, IN, more fields)"
SAID = "a refused filter or order is told with its position; code and status are MLflow's"
SLOPPY = "MLflow's parser skips what it does not understand in a filter; we refuse it"
TEXT = "a source that is not in the root of its run is kept as text (as MLflow before 3.17) and never read through"
ONCE = "a tag given twice: the last counts"
CUT = "values are cut to the same limits in every call"

ON_PURPOSE = [
    # What the two servers are.
    (r"\.workspace \|", "there are no workspaces"),
    (r"GET /version|server-info", "we say what we offer: the version whose calls we have, no gateway, no presigned uploads"),
    (r"^(GET|POST|DELETE|PUT) /api/2.0/mlflow/(nope|experiments/get|runs/create) null", "what is not there is said in JSON, ENDPOINT_NOT_FOUND"),
    # Values of wrong types.
    (r'''^(bent|batch|metric|dataset|lm tags|POST runs/outputs|model tags).*\| \.(status|message|code|body) \| (200|404|'<unset>'|'Run with id=<id> not found'|\{\}|'Invalid value "" for) ?.*(400|Invalid value|Missing value|INVALID_PARAMETER|exceeds the maximum|'<unset>')''', STRICT),
    (r'''\| 'Invalid value "" for parameter .*(Missing value|Hint: Value was)''', STRICT),
    (r'''(status|view_type|run_view_type|end_time|max_results|allow_deleted|experiment_ids|page_token|datasets|models)": .*\| \.(status|message|code|body|body\..*) \| (200|'<unset>'|\{|404|"Logged).*\| (400|'INVALID|['"]Invalid|['"]Missing|'<unset>')''', STRICT),
    (r"^(bent POST runs/create|batch|dataset).*\| \.(body|code) \|", STRICT),
    (r'''tags\[0\]\.key'|"tags": \[\{"value"''', STRICT),
    (r"^(1001 datasets|dataset )", "what is wrong with the datasets is told before the run is looked for"),
    (r'''version (number|float|negative) |"version": 99, ''', "a version may be a JSON number too"),
    (r'''search-datasets .*"5"''', STRICT),
    # Sources and addresses.
    (r"^source .*\| \.(body|code) \| ('<unset>' \| \{|'INVALID_PARAMETER_VALUE' \| '<unset>')", TEXT),
    (r"^source .*identify the resource|^source .*\| \.status \| 400 \| 200|^source .*cannot use the '", TEXT),
    (r"^(source|POST model-versions/create) .*\| \.message", "a refused source is told in other words"),
    (r"model_version\.model_id|model_versions\[\d+\]\.model_id", "a version says which logged model it is, also where MLflow forgets it"),
    (r"get-download-uri .*artifact_uri", "a copy says where the original's files are, not how the original was given"),
    # Artifacts.
    (r"^PUT .*\.body \| ''", "an upload is answered with {}"),
    (r"file_size \| '<unset>' \| 0", "an empty file has a size too"),
    (r'''"path": "\."''', "paths of a listing are clean"),
    (r"(a\\\\b|\.\.\\x|a\?b|x%00y|a\\b)", "backslashes, question marks and NUL are in no path of ours"),
    (r"a\.txt/x", "a path below a file is wrong, not missing"),
    (r"nave \.txt", "the fallback name for old clients drops what is not ASCII"),
    (r"get-artifact (bad|\{)|No such artifact|refers to a directory|GET proxied bad", "the path in a message has our own numbers; what lacks is said"),
    (r"^range ", "a range that is none is 416"),
    (r"mpu/", "uploads in parts are offered for every store"),
    (r"upload 10 MB", "an upload that is too large is cut off"),
    (r"upload-artifact .*\.body \| '' \| \{\}", "an upload is answered with {}"),
    # Logged models.
    (r"allow_deleted.*maybe", STRICT),
    (r"logged-models/\{lm\} .*\"status\": \"\"", STRICT),
    (r"m-nope.*\| \.body \| '<unset>' \| \{\}", "a metric of a logged model that is not there is kept"),
    (r'''"key": "q", "value": "2"''', "the same param again is a replay"),
    (r"m-nope.*\| \.status \| 400 \| 200", "a metric of a logged model that is not there is kept"),
    (r"get-history .*\| \.body\.metrics\[\d+\]\.(dataset|model)", "a point says which model and dataset it was measured of"),
    (r"^logged model .*(characters|\.status \| 200 \| 400|\.body|\.code)", "names of logged models are at most 500 characters long"),
    (r"Invalid model name \(", "quotes in a message"),
    (r'''datasets": \[\{"dataset_name": "d"\}\].*\.models''', "a dataset without a digest is any of its name; MLflow compares with the empty one"),
    # Registry.
    (r"\.aliases \| '<unset>' \| \[|^models filter None.*aliases", "a version lists its aliases in every reply; MLflow only where it is asked for alone"),
    (r"current_stage \| 'None' \| 'Production'|latest_versions\[\d\]\.(description|run_id) \|", "the order of latest versions is not fixed"),
    (r"get-download-uri .*\"\"\}", "an empty version is a missing one"),
    (r"^(create|get) model 'nnnnnn' 257", "names of models are at most 256 characters long"),
    (r"Prompt \(name=", "a prompt is a registered model in messages too"),
    (r"because 'none' is not", "a stage is spelled as stages are"),
    (r"page token", "tokens are places, not counts"),
    (r"No Experiment with id=|The experiment \d+ must", "ids count differently"),
    (r"artifact path length", "a length is told as other lengths are"),
    (r"^(body|type) ", "odd bodies: refused with a reason"),
    (r"experimentId", "both spellings of a field are read in queries too"),
    (r"model_json.*(\[\]|text)", BETTER_500),
    # What we keep otherwise.
    (r"^create experiment ' '", "an experiment's name is not blank"),
    (r"Experiment\(name=.*already exists", "an existing name is told without the database's words"),
    (r'''loc (http|ftp)://|"source"?'?: '?"?(http|ftp|abfss|hdfs|sftp)''', "addresses of other hosts are kept as text; the server does not connect to them"),
    (r"loc mlflow-artifacts:/\.\.", "no artifact root leaves the server's folder"),
    (r'''tags5|"tags": \[\{"key": "a", "value": "1"\}, \{"key": "a", "value": "2"''', ONCE),
    (r"start_time \| '?0'? \| '<time>'", "a run that does not say when it starts starts now"),
    (r"^(run tag|lm tag|lm param) \d+ .*value", CUT),
    (r"runs/create .*(of default|without experiment_id|experiment_id null)", "a run without an experiment goes to the default one, as in MLflow's other stores"),
    (r"kkkkkkkk.*exceeds the maximum length", "keys are at most 250 characters long in every call"),
    (r"kkkkkkkk.* \| \.status \| 200 \| 400", "keys are at most 250 characters long in every call"),
    (r"kkkkkkkk.*\| \.(body|code) \|", "keys are at most 250 characters long in every call"),
    (r"experiments/search .*\| \.(status|code|message|body) \| (400|'INVALID|\"Invalid value 0|'<unset>')", "a search of experiments without max_results takes 1,000, as clients before 3 expect"),
    (r"start_time negative", "no run starts before 1970"),
    (r"mandatory fields", "the fields that miss are listed in order"),
    (r"tags\[\d+\]\.value.*model_uuid", "the history of models is kept as it was sent"),
    (r"Params were already logged", "one conflict of params is told, not all of a batch"),
    (r"\.code \| 'INVALID_STATE'|\.status \| 500 \| 400", BETTER_500),
    (r"max_results.*\| \.(message|status|code|body) \|", "bounds of max_results: told in other words, or refused where MLflow takes its default"),
    # Errors inside MLflow.
    (r"\| \.(message|code|status) \| .*(sqlite3\.|Python int too large)", BETTER_500),
    (r"\| \.code \| '(BAD_REQUEST|INTERNAL_ERROR)'", BETTER_500),
    (r"\| \.(status|body|code|message) \| (500|'INTERNAL_ERROR'|'<not JSON>')", BETTER_500),
    # Searches.
    (r"^(runs|experiments|models|versions|lm) (filter|order) .*\| \.message", SAID),
    (r"^(runs|experiments|models|versions|lm) (filter|order) .*\| \.(status|code|body) \| (400|'INVALID_PARAMETER_VALUE'|'<unset>') \|", SUPERSET),
    (r"^(runs|experiments|models|versions|lm) (filter|order) .*\| \.(status|code|body) \| (200|'<unset>'|\{)", SLOPPY),
]
