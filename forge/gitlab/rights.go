package gitlab

import (
	"context"
	"fmt"
	"math"
	"net/http"

	"gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/assay-ml/assay/forge"
)

// Identity asks who we are and what we may do: by the role that GitLab says we
// have on the project, and by a call that cannot succeed.
func (f *Forge) Identity(ctx context.Context, project string) (forge.Identity, error) {
	if err := checked(project); err != nil {
		return forge.Identity{}, err
	}
	me, err := f.whose(ctx)
	if err != nil {
		return forge.Identity{}, err
	}
	id := forge.Identity{Login: me.Username, Kind: "user"}
	if me.Bot { // of a project's or a group's token
		id.Kind = "bot"
	}
	p, res, err := f.client.Projects.GetProject(project, nil, gitlab.WithContext(ctx))
	read := forge.Right{Name: "read_api", For: "reading merge requests", Grant: forge.Granted}
	if err != nil {
		if s := status(res); s != http.StatusForbidden && s != http.StatusNotFound {
			return id, f.refused("reading "+project, needsRead, res, err)
		}
		read.Grant, read.Found = forge.Refused, fmt.Sprintf("reading %s answers %d %s", project, status(res), message(res, err))
		read.Mend = "make a project access token with the role Developer and the scope `api` (Settings > Access tokens)"
		id.Rights = []forge.Right{read}
		return id, nil
	}
	id.Rights = []forge.Right{read, f.mayComment(ctx, project), developer(p, me)}
	return id, nil
}

// mayComment edits a note of a merge request that is not there: the scope is
// looked at before anything is looked for, so that 404 says yes and 403 no.
func (f *Forge) mayComment(ctx context.Context, project string) forge.Right {
	r := forge.Right{Name: "api", For: "the comment and its pictures", Grant: forge.Unknown}
	_, res, err := f.client.Notes.UpdateMergeRequestNote(project, math.MaxInt32, math.MaxInt32,
		&gitlab.UpdateMergeRequestNoteOptions{Body: gitlab.Ptr("-")}, gitlab.WithContext(ctx))
	r.Found = fmt.Sprintf("a harmless try answers %d %s", status(res), message(res, err))
	switch status(res) {
	case http.StatusNotFound:
		r.Grant = forge.Granted
	case http.StatusForbidden, http.StatusUnauthorized:
		r.Grant, r.Mend = forge.Refused, "make a token with the scope `api`: `read_api` may not write"
	}
	return r
}

// developer reads the role.
func developer(p *gitlab.Project, me *gitlab.User) forge.Right {
	r := forge.Right{Name: "Developer", For: "the check, deployments, pipelines, merge requests made by CI", Grant: forge.Unknown}
	level := gitlab.NoPermissions
	if p.Permissions != nil {
		if a := p.Permissions.ProjectAccess; a != nil {
			level = max(level, a.AccessLevel)
		}
		if a := p.Permissions.GroupAccess; a != nil {
			level = max(level, a.AccessLevel)
		}
	}
	switch {
	case level >= gitlab.DeveloperPermissions:
		r.Grant, r.Found = forge.Granted, fmt.Sprintf("the token's access level is %d", level)
	case level > gitlab.NoPermissions:
		r.Grant, r.Found = forge.Refused, fmt.Sprintf("the token's access level is %d, Developer is %d", level, gitlab.DeveloperPermissions)
		r.Mend = "give the token the role Developer on " + p.PathWithNamespace
	case me.IsAdmin:
		r.Grant, r.Found = forge.Granted, "the token is an administrator's"
	default: // a role that comes by a shared group is not told
		r.Found = "GitLab names no role of the token's on " + p.PathWithNamespace
	}
	return r
}
