package mlflow

import (
	"context"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

// versionsTag is where a logged model tells what it was registered as.
const versionsTag = "mlflow.modelVersions"

func (h *Handler) versionRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "model-versions/create", call: h.createVersion},
		{Method: "PATCH", Path: "model-versions/update", call: h.updateVersion},
		{Method: "POST", Path: "model-versions/transition-stage", call: h.transition},
		{Method: "DELETE", Path: "model-versions/delete", call: h.deleteVersion},
		{Method: "GET", Path: "model-versions/get", call: h.getVersion},
		{Method: "GET", Path: "model-versions/search", call: h.searchVersions},
		{Method: "GET", Path: "model-versions/get-download-uri", call: h.downloadURI},
		{Method: "POST", Path: "model-versions/set-tag", call: h.setVersionTag},
		{Method: "DELETE", Path: "model-versions/delete-tag", call: h.deleteVersionTag},
	}
}

func putVersion(e *encoder, v track.ModelVersion) {
	e.str("name", v.Model)
	e.decimal("version", int64(v.Version))
	e.int("creation_timestamp", v.Created)
	e.int("last_updated_timestamp", v.Updated)
	e.given("user_id", v.User)
	e.str("current_stage", v.Stage)
	e.str("description", v.Description)
	e.str("source", v.Source)
	e.str("run_id", v.RunID)
	e.str("status", v.Status)
	e.given("status_message", v.StatusMessage)
	list(e, "tags", v.Tags, putTag)
	e.str("run_link", v.RunLink)
	e.texts("aliases", v.Aliases)
	e.given("model_id", v.LoggedModelID)
}

func replyVersion(out *encoder, v track.ModelVersion, err error) error {
	if err != nil {
		return err
	}
	out.object("model_version")
	putVersion(out, v)
	out.close('}')
	return nil
}

// versionNumber reads the version, which is a text on the wire.
func (a *args) versionNumber() int {
	raw, ok := a.raw("version")
	if !ok {
		a.fail(missing("version"))
		return 0
	}
	text := string(raw)
	switch raw[0] {
	case '"':
		text = a.str("version")
	case '[', '{', 't', 'f':
		a.fail(wrongType("version", raw))
		return 0
	}
	if text == "" {
		a.fail(missing("version"))
		return 0
	}
	v, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		a.fail(fault.New(fault.Invalid, "Parameter 'version' must be an integer, got '%.100s'.", text))
	}
	// Versions that cannot be are just not found.
	return int(max(min(v, math.MaxInt32), math.MinInt32))
}

func (h *Handler) createVersion(ctx context.Context, a *args, out *encoder) error {
	v := track.ModelVersion{
		Model: a.need("name"), Source: a.need("source"), RunID: a.str("run_id"), RunLink: a.str("run_link"),
		Description: a.str("description"), LoggedModelID: a.str("model_id"), Tags: a.tags("tags"),
		Status: "READY", Stage: track.StageNone,
	}
	if a.err != nil {
		return a.err
	}
	if err := track.CheckModelName(v.Model); err != nil {
		return err
	}
	if err := checkRegistryTags(v.Tags); err != nil {
		return err
	}
	if err := h.resolveSource(ctx, &v); err != nil {
		return err
	}
	v, err := h.s.Versions.CreateVersion(ctx, v)
	if err != nil {
		return err
	}
	if v.LoggedModelID != "" {
		if err := h.noteVersion(ctx, v); err != nil {
			return err
		}
	}
	return replyVersion(out, v, nil)
}

// noteVersion tells the logged model what it was registered as. A model that
// is gone needs no telling.
func (h *Handler) noteVersion(ctx context.Context, v track.ModelVersion) error {
	m, err := h.s.LoggedModels.LoggedModel(ctx, v.LoggedModelID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	type registration struct {
		Name    string `json:"name"`
		Version int    `json:"version"`
	}
	var all []registration
	if json.Unmarshal([]byte(tagValue(m.Tags, versionsTag)), &all) != nil {
		all = nil
	}
	text, err := json.Marshal(append(all, registration{v.Model, v.Version}))
	if err != nil {
		return err
	}
	spaced := spacedJSON(text)
	if len(spaced) > track.MaxTagValue { // a full list stays as it is
		return nil
	}
	_, err = h.s.LoggedModels.ChangeLoggedModel(ctx, m.ID, track.LoggedModelChange{
		SetTags: []track.Tag{{Key: versionsTag, Value: spaced}},
	})
	return err
}

// spacedJSON writes JSON as Python does, a space behind commas and colons:
// MLflow's clients compare this text.
func spacedJSON(compact []byte) string {
	var b strings.Builder
	inText := false
	for i := 0; i < len(compact); i++ {
		c := compact[i]
		b.WriteByte(c)
		switch {
		case inText && c == '\\':
			i++
			b.WriteByte(compact[i])
		case c == '"':
			inText = !inText
		case !inText && (c == ',' || c == ':'):
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func (h *Handler) change(ctx context.Context, a *args, c track.VersionChange) (track.ModelVersion, error) {
	name, version := a.need("name"), a.versionNumber()
	if a.err != nil {
		return track.ModelVersion{}, a.err
	}
	return h.s.Versions.ChangeVersion(ctx, name, version, c)
}

func (h *Handler) updateVersion(ctx context.Context, a *args, out *encoder) error {
	description := a.str("description")
	v, err := h.change(ctx, a, track.VersionChange{Description: &description})
	return replyVersion(out, v, err)
}

func (h *Handler) transition(ctx context.Context, a *args, out *encoder) error {
	stage, err := track.CanonicalStage(a.need("stage"))
	if err != nil {
		a.fail(err)
	}
	c := track.VersionChange{Stage: &stage, ArchiveExisting: a.bool("archive_existing_versions")}
	if c.ArchiveExisting {
		if err := track.CheckArchive(stage); err != nil {
			a.fail(err)
		}
	}
	v, err := h.change(ctx, a, c)
	return replyVersion(out, v, err)
}

func (h *Handler) deleteVersion(ctx context.Context, a *args, _ *encoder) error {
	name, version := a.need("name"), a.versionNumber()
	if a.err != nil {
		return a.err
	}
	return h.s.Versions.DeleteVersion(ctx, name, version)
}

func (h *Handler) getVersion(ctx context.Context, a *args, out *encoder) error {
	name, version := a.need("name"), a.versionNumber()
	if a.err != nil {
		return a.err
	}
	v, err := h.s.Versions.Version(ctx, name, version)
	return replyVersion(out, v, err)
}

func (h *Handler) searchVersions(ctx context.Context, a *args, out *encoder) error {
	filter, order := a.search(search.Versions)
	q := track.ModelQuery{
		Filter: withoutPrompts(filter), Order: order, Max: a.max("max_results", 10_000, 200_000), Token: a.str("page_token"),
	}
	if a.err != nil {
		return a.err
	}
	page, err := h.s.Versions.SearchVersions(ctx, q)
	if err != nil {
		return err
	}
	list(out, "model_versions", page.Items, putVersion)
	out.given("next_page_token", page.Next)
	return nil
}

func (h *Handler) downloadURI(ctx context.Context, a *args, out *encoder) error {
	name, version := a.need("name"), a.versionNumber()
	if a.err != nil {
		return a.err
	}
	v, err := h.s.Versions.Version(ctx, name, version)
	if err != nil {
		return err
	}
	out.str("artifact_uri", downloadFrom(v))
	return nil
}

// downloadFrom is where a client reads a version's bytes: the source as it was
// given, for clients know how, but the resolved place of a copy.
func downloadFrom(v track.ModelVersion) string {
	if strings.HasPrefix(v.Source, "models:") && v.StorageLocation != "" {
		return v.StorageLocation
	}
	return v.Source
}

func decimal(n int) string { return strconv.Itoa(n) }

func (h *Handler) setVersionTag(ctx context.Context, a *args, _ *encoder) error {
	t := track.Tag{Key: a.need("key"), Value: a.str("value")}
	if a.err != nil {
		return a.err
	}
	if err := track.CheckRegistryTag(t); err != nil {
		return err
	}
	_, err := h.change(ctx, a, track.VersionChange{SetTags: []track.Tag{t}})
	return err
}

func (h *Handler) deleteVersionTag(ctx context.Context, a *args, _ *encoder) error {
	key := a.need("key")
	if a.err == nil {
		a.fail(track.CheckKey("key", key))
	}
	_, err := h.change(ctx, a, track.VersionChange{DeleteTags: []string{key}})
	return err
}

// versionOf parses the version in models:/name/version.
func versionOf(s string) (int, bool) {
	v, err := strconv.Atoi(s)
	return v, err == nil && v > 0
}
