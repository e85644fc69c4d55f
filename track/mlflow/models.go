package mlflow

import (
	"context"
	"slices"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

func (h *Handler) modelRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "registered-models/create", call: h.createModel},
		{Method: "POST", Path: "registered-models/rename", call: h.renameModel},
		{Method: "PATCH", Path: "registered-models/update", call: h.updateModel},
		{Method: "DELETE", Path: "registered-models/delete", call: h.deleteModel},
		{Method: "GET", Path: "registered-models/get", call: h.getModel},
		{Method: "GET", Path: "registered-models/search", call: h.searchModels},
		{Method: "GET", Path: "registered-models/get-latest-versions", call: h.latestVersions},
		{Method: "POST", Path: "registered-models/get-latest-versions", call: h.latestVersions},
		{Method: "POST", Path: "registered-models/set-tag", call: h.setRegisteredTag},
		{Method: "DELETE", Path: "registered-models/delete-tag", call: h.deleteRegisteredTag},
		{Method: "POST", Path: "registered-models/alias", call: h.setAlias},
		{Method: "DELETE", Path: "registered-models/alias", call: h.deleteAlias},
		{Method: "GET", Path: "registered-models/alias", call: h.getByAlias},
	}
}

func putModel(e *encoder, m track.Model) {
	e.str("name", m.Name)
	e.int("creation_timestamp", m.Created)
	e.int("last_updated_timestamp", m.Updated)
	e.given("description", m.Description)
	list(e, "latest_versions", m.Latest, putVersion)
	list(e, "tags", m.Tags, putTag)
	list(e, "aliases", m.Aliases, func(e *encoder, a track.Alias) {
		e.str("alias", a.Name)
		e.decimal("version", int64(a.Version))
	})
}

func replyModel(out *encoder, m track.Model, err error) error {
	if err != nil {
		return err
	}
	out.object("registered_model")
	putModel(out, m)
	out.close('}')
	return nil
}

// modelName reads the name of a model that should be there.
func (a *args) modelName() string {
	name := a.need("name")
	if a.err == nil {
		a.fail(track.CheckModelName(name))
	}
	return name
}

// checkRegistryTags checks tags of models and versions.
func checkRegistryTags(tags []track.Tag) error {
	for _, t := range tags {
		if err := track.CheckRegistryTag(t); err != nil {
			return err
		}
	}
	return nil
}

func (h *Handler) createModel(ctx context.Context, a *args, out *encoder) error {
	m := track.Model{Name: a.need("name"), Description: a.str("description"), Tags: a.tags("tags")}
	if a.err != nil {
		return a.err
	}
	if err := track.CheckModelName(m.Name); err != nil {
		return err
	}
	if err := checkRegistryTags(m.Tags); err != nil {
		return err
	}
	m, err := h.s.Models.CreateModel(ctx, m)
	return replyModel(out, m, err)
}

func (h *Handler) renameModel(ctx context.Context, a *args, out *encoder) error {
	name, to := a.modelName(), a.need("new_name")
	if a.err != nil {
		return a.err
	}
	if err := track.CheckModelName(to); err != nil {
		return err
	}
	m, err := h.s.Models.ChangeModel(ctx, name, track.ModelChange{Name: &to})
	return replyModel(out, m, err)
}

func (h *Handler) updateModel(ctx context.Context, a *args, out *encoder) error {
	name, description := a.modelName(), a.str("description")
	if a.err != nil {
		return a.err
	}
	m, err := h.s.Models.ChangeModel(ctx, name, track.ModelChange{Description: &description})
	return replyModel(out, m, err)
}

func (h *Handler) deleteModel(ctx context.Context, a *args, _ *encoder) error {
	name := a.modelName()
	if a.err != nil {
		return a.err
	}
	return h.s.Models.DeleteModel(ctx, name)
}

func (h *Handler) getModel(ctx context.Context, a *args, out *encoder) error {
	name := a.modelName()
	if a.err != nil {
		return a.err
	}
	m, err := h.s.Models.Model(ctx, name)
	return replyModel(out, m, err)
}

func (h *Handler) searchModels(ctx context.Context, a *args, out *encoder) error {
	filter, order := a.search(search.Models)
	q := track.ModelQuery{
		Filter: withoutPrompts(filter), Order: order, Max: a.max("max_results", 100, 1000), Token: a.str("page_token"),
	}
	if a.err != nil {
		return a.err
	}
	page, err := h.s.Models.SearchModels(ctx, q)
	if err != nil {
		return err
	}
	list(out, "registered_models", page.Items, putModel)
	out.given("next_page_token", page.Next)
	return nil
}

const promptTag = "mlflow.prompt.is_prompt"

// withoutPrompts leaves prompts out unless the filter speaks of them.
func withoutPrompts(e search.Expr) search.Expr {
	if mentionsPrompts(e) {
		return e
	}
	no := search.Cmp{Field: search.Field{Entity: search.Tag, Key: promptTag}, Op: search.Ne, Str: "true"}
	if e == nil {
		return no
	}
	return search.And{e, no}
}

func mentionsPrompts(e search.Expr) bool {
	switch e := e.(type) {
	case search.And:
		return slices.ContainsFunc(e, mentionsPrompts)
	case search.Or:
		return slices.ContainsFunc(e, mentionsPrompts)
	case search.Not:
		return mentionsPrompts(e.X)
	case search.Cmp:
		return e.Field == search.Field{Entity: search.Tag, Key: promptTag}
	}
	return false
}

func (h *Handler) latestVersions(ctx context.Context, a *args, out *encoder) error {
	name := a.modelName()
	var stages []string
	for _, s := range a.strs("stages") {
		stage, err := track.CanonicalStage(s)
		if err != nil {
			a.fail(err)
		}
		stages = append(stages, stage)
	}
	if a.err != nil {
		return a.err
	}
	m, err := h.s.Models.Model(ctx, name)
	if err != nil {
		return err
	}
	if len(stages) > 0 {
		m.Latest = slices.DeleteFunc(slices.Clone(m.Latest), func(v track.ModelVersion) bool {
			return !slices.Contains(stages, v.Stage)
		})
	}
	list(out, "model_versions", m.Latest, putVersion)
	return nil
}

func (h *Handler) setRegisteredTag(ctx context.Context, a *args, _ *encoder) error {
	name, t := a.modelName(), track.Tag{Key: a.need("key"), Value: a.str("value")}
	if a.err != nil {
		return a.err
	}
	if err := track.CheckRegistryTag(t); err != nil {
		return err
	}
	_, err := h.s.Models.ChangeModel(ctx, name, track.ModelChange{SetTags: []track.Tag{t}})
	return err
}

func (h *Handler) deleteRegisteredTag(ctx context.Context, a *args, _ *encoder) error {
	name, key := a.modelName(), a.need("key")
	if a.err == nil {
		a.fail(track.CheckKey("key", key))
	}
	if a.err != nil {
		return a.err
	}
	_, err := h.s.Models.ChangeModel(ctx, name, track.ModelChange{DeleteTags: []string{key}})
	return err
}

func (h *Handler) setAlias(ctx context.Context, a *args, _ *encoder) error {
	name, alias, version := a.modelName(), a.need("alias"), a.versionNumber()
	if a.err != nil {
		return a.err
	}
	if err := track.CheckAlias(alias); err != nil {
		return err
	}
	return h.s.Aliases.SetAlias(ctx, name, alias, version)
}

func (h *Handler) deleteAlias(ctx context.Context, a *args, _ *encoder) error {
	name, alias := a.modelName(), a.need("alias")
	if a.err != nil {
		return a.err
	}
	if err := track.CheckAlias(alias); err != nil {
		return err
	}
	return h.s.Aliases.DeleteAlias(ctx, name, alias)
}

func (h *Handler) getByAlias(ctx context.Context, a *args, out *encoder) error {
	name, alias := a.modelName(), a.need("alias")
	if a.err != nil {
		return a.err
	}
	if err := track.CheckAliasText(alias); err != nil {
		return err
	}
	v, err := h.aliased(ctx, name, alias)
	return replyVersion(out, v, err)
}

// aliased finds the version that an alias names; "latest" is the newest.
func (h *Handler) aliased(ctx context.Context, name, alias string) (track.ModelVersion, error) {
	m, err := h.s.Models.Model(ctx, name)
	if err != nil {
		return track.ModelVersion{}, err
	}
	if strings.EqualFold(alias, "latest") {
		return h.newest(ctx, name)
	}
	for _, known := range m.Aliases {
		if known.Name == alias {
			return h.s.Versions.Version(ctx, name, known.Version)
		}
	}
	return track.ModelVersion{}, aliasNotFound(alias)
}

// aliasNotFound is, for MLflow, a wrong parameter.
func aliasNotFound(alias string) error {
	return fault.New(fault.Invalid, "Registered model alias %s not found.", alias)
}

func (h *Handler) newest(ctx context.Context, name string) (track.ModelVersion, error) {
	page, err := h.s.Versions.SearchVersions(ctx, track.ModelQuery{
		Filter: search.Cmp{Field: search.Field{Entity: search.Attribute, Key: "name"}, Op: search.Eq, Str: name},
		Order:  []search.Order{{Field: search.Field{Entity: search.Attribute, Key: "version_number"}, Desc: true}},
		Max:    1,
	})
	if err != nil {
		return track.ModelVersion{}, err
	}
	if len(page.Items) == 0 {
		return track.ModelVersion{}, aliasNotFound("latest")
	}
	return page.Items[0], nil
}
