//go:build compat

package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// change is a merge request of the seed.
func change(project string, number int, title string) object {
	return object{
		"project": project, "number": number, "title": title, "author": "ada",
		"url": fmt.Sprintf("https://forge.example.com/%s/-/merge_requests/%d", project, number),
	}
}

const trainer = "team/digits-trainer"

// review records what a report showed.
func (s *seeder) review(r object) {
	s.t.Helper()
	if _, set := r["head"]; !set {
		r["head"] = commitOf(sweepCount + 4)
	}
	r["project"] = r["change"].(object)["project"]
	s.post(ours+"reviews", r, nil)
}

func gate(name, state, text string) object {
	return object{"name": name, "state": state, "text": text}
}

// models makes merge requests with every verdict, and models with versions of
// every kind: reviewed, not reviewed, registered through MLflow.
func (s *seeder) models() {
	model := []byte("the weights of the reviewed model\n")
	root := s.modelFile("candidate", model)
	s.changes(model)

	s.post(mlflow+"registered-models/create", object{"name": "digits", "description": "Handwritten digits, 8 by 8 pixels."}, nil)
	s.json("PUT", ours+"models/digits/policy", object{"aliases": object{"production": object{
		"approvals": 1, "same_bytes": true, "gates": true, "reason": true,
	}}, "source": "assay.yaml at main"}, nil)
	s.post(mlflow+"model-versions/create", object{"name": "digits", "source": "mlflow-artifacts:/" + root + "/model", "run_id": s.w.Runs["candidate"]}, nil)
	s.register("digits", root, "")
	grace := *s
	grace.user = "grace"
	grace.json("PUT", ours+"models/digits/aliases/production", object{"version": 2, "reason": "better by 1.4 points, approved in !7"}, nil)
	s.registerUnreviewed("digits")
	s.json("PUT", ours+"models/digits/aliases/staging", object{"version": 3}, nil)

	// promote.spec.ts moves this one's alias.
	s.register("sketches", root, "")
	s.json("PUT", ours+"models/sketches/policy", object{"aliases": object{"production": object{"approvals": 1, "reason": true}}}, nil)

	for _, name := range []string{`<svg onload=alert(9)>`, "a-model-with-" + strings.Repeat("a-long-name-", 10) + "end"} {
		s.post(mlflow+"registered-models/create", object{"name": name}, nil)
	}
	s.post(mlflow+"registered-models/create", object{"name": "many-versions", "description": "Registered every night."}, nil)
	for range 12 {
		s.post(mlflow+"model-versions/create", object{"name": "many-versions", "source": "mlflow-artifacts:/" + root + "/model", "run_id": s.w.Runs["candidate"]}, nil)
	}
}

// modelFile gives a run a model and returns the run's artifact root.
func (s *seeder) modelFile(name string, data []byte) string {
	s.t.Helper()
	var got struct {
		Run struct {
			Info struct {
				URI string `json:"artifact_uri"`
			} `json:"info"`
		} `json:"run"`
	}
	s.json("GET", mlflow+"runs/get?run_id="+s.w.Runs[name], nil, &got)
	root := strings.TrimPrefix(got.Run.Info.URI, "mlflow-artifacts:/")
	s.file(root, "model/model.onnx", data)
	return root
}

func (s *seeder) changes(model []byte) {
	sum := sha256.Sum256(model)
	shown := []object{{"path": "model/model.onnx", "size": len(model), "sha256": hex.EncodeToString(sum[:])}}
	wider := change(trainer, 7, "More hidden units: 8 → 64")
	at := s.now - 3*3600_000
	s.review(object{
		"change": wider, "head": commitOf(1), "verdict": "unknown", "created": at, "run_id": s.w.Runs["long"],
		"headline": "? Cannot tell: accuracy 97.2 % → 97.4 % on 899 examples",
		"gates":    []object{gate("accuracy: not worse by more than 0.3 points", "undecided", "between −0.9 and +1.3 points")},
	})
	s.review(object{
		"change": wider, "head": commitOf(2), "verdict": "worse", "created": at + 3600_000, "run_id": s.w.Runs["failed"],
		"headline": "▼ Worse than main: accuracy 97.2 % → 93.2 %",
		"gates":    []object{gate("the verdict is not worse", "fail", "worse"), gate("licenses", "skip", "no new package")},
	})
	s.review(object{
		"change": wider, "verdict": "better", "created": at + 2*3600_000, "run_id": s.w.Runs["candidate"],
		"baseline_run_id": s.w.Runs["files"], "branch": "wider", "files": shown,
		"headline": "▲ Better than main: accuracy 97.2 % → 98.6 %, +1.4 points on 899 examples",
		"gates":    []object{gate("the verdict is not worse", "pass", "better"), gate("training time below 10 minutes", "warn", "9 m 41 s, the limit is 10 m")},
	})
	for i, r := range []object{
		{"verdict": "worse", "title": "Learn faster", "headline": "▼ Worse than main: accuracy 98.6 % → 93.2 %", "gates": []object{gate("the verdict is not worse", "fail", "worse")}},
		{"verdict": "unknown", "title": "Even more hidden units", "headline": "? Cannot tell: accuracy 98.6 % → 98.7 % on 899 examples", "gates": []object{gate("the verdict is not worse", "undecided", "cannot tell")}},
		{"verdict": "better", "title": "Held by its gates " + strings.Repeat("and by a title that is long ", 5), "headline": "▲ Better than main: accuracy 98.6 % → 98.9 %", "gates": []object{gate("latency below 20 ms", "fail", "31 ms"), gate("licenses", "pass", "")}},
		{"verdict": "same", "title": "Only comments", "headline": "● Same as main: the model's bytes are equal"},
		{"verdict": "failed", "title": "<b>Break</b> it", "headline": "✖ Training failed: exit code 7"},
	} {
		r["change"], r["created"] = change(trainer, 8+i, r["title"].(string)), s.now-int64(20-i)*60_000
		delete(r, "title")
		r["head"] = commitOf(10 + i)
		s.review(r)
	}
	s.review(object{
		"change": change("team/vision/segmenter", 3, "Crop the borders"), "head": commitOf(30), "verdict": "better", "created": s.now - 40*86_400_000,
		"headline": "▲ Better than main: IoU 0.8012 → 0.8344",
	})
}

func (s *seeder) register(model, root, reason string) {
	s.t.Helper()
	commit := commitOf(sweepCount + 4)
	s.post(ours+"models/"+model+"/versions", object{
		"run_id": s.w.Runs["candidate"], "root": "mlflow-artifacts:/" + root, "paths": []string{"model"},
		"origin": object{
			"repo": "https://forge.example.com/" + trainer + ".git", "commit": commitOf(40), "run_commit": commit, "branch": "main",
			"change": change(trainer, 7, "More hidden units: 8 → 64"), "reason": reason,
			"data":      []object{{"path": "data/digits.csv", "size": 494_214, "sha256": strings.Repeat("0f343b09", 8)}},
			"approvals": []object{{"who": "grace", "at": s.now - 30*60_000, "head": commit}},
		},
	}, nil)
}

// registerUnreviewed makes a version whose bytes no review showed.
func (s *seeder) registerUnreviewed(model string) {
	root := s.modelFile("files", []byte("weights that nobody reviewed\n"))
	s.post(ours+"models/"+model+"/versions", object{
		"run_id": s.w.Runs["files"], "root": "mlflow-artifacts:/" + root, "paths": []string{"model"},
		"origin": object{"commit": commitOf(sweepCount + 3), "run_commit": commitOf(sweepCount + 3), "branch": "try", "reason": "hotfix, the review follows"},
	}, nil)
}
