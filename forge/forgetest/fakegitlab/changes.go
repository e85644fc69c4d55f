package fakegitlab

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// change is a merge request.
type change struct {
	id, iid         int64
	project, source *Project
	title, body     string
	labels          []string
	author          *user
	branch, target  string
	state           string // opened, closed, merged
	created         time.Time
	updated         time.Time
	mergedAt        time.Time
	squash          bool
	versions        []version // oldest first
	mergeCommit     string
	squashCommit    string
	mergedCommit    string // what GitLab keeps and does not show
	commits         []string
	approvals       []approval // of now
	notes           []*note
}

type version struct {
	id         int64
	head, base string
	created    time.Time
}

func (m *change) head() string {
	if len(m.versions) == 0 {
		return ""
	}
	return m.versions[len(m.versions)-1].head
}

// tip is the commit of a branch, empty if there is none. A process a call would
// be most of what the double does.
func (p *Project) tip(ctx context.Context, branch string) string {
	if loose, err := os.ReadFile(filepath.Join(p.repo.Dir, "refs", "heads", filepath.FromSlash(branch))); err == nil {
		return strings.TrimSpace(string(loose))
	}
	id, err := p.repo.Run(ctx, "rev-parse", "--verify", "--quiet", "refs/heads/"+branch+"^{commit}")
	if err != nil {
		return ""
	}
	return id
}

// sync takes up what was pushed since.
func (s *Server) sync(ctx context.Context, m *change) error {
	if m.state != "opened" {
		return nil
	}
	head := m.source.tip(ctx, m.branch)
	if head == "" || head == m.head() {
		return nil
	}
	ref := fmt.Sprintf("refs/merge-requests/%d/head", m.iid)
	if _, err := m.project.repo.Run(ctx, "fetch", "-q", m.source.repo.Dir, "+refs/heads/"+m.branch+":"+ref); err != nil {
		return err
	}
	base, err := m.project.repo.Run(ctx, "merge-base", head, "refs/heads/"+m.target)
	if err != nil {
		return err
	}
	all, err := m.project.repo.Run(ctx, "rev-list", base+".."+head)
	if err != nil {
		return err
	}
	m.commits = strings.Fields(all)
	if len(m.versions) > 0 {
		s.note(m, m.author, "added 1 commit", true)
		if m.project.ResetApprovals {
			m.approvals = nil
		}
	}
	m.versions = append(m.versions, version{s.id(), head, base, s.now()})
	m.updated = s.now()
	return nil
}

func (c *call) show(m *change) map[string]any {
	address := fmt.Sprintf("%s/%s/-/merge_requests/%d", c.base(), m.project.Path, m.iid)
	draft := strings.HasPrefix(m.title, "Draft:") || strings.HasPrefix(m.title, "[Draft]") || strings.HasPrefix(m.title, "(Draft)")
	labels := append([]string{}, m.labels...)
	slices.Sort(labels)
	var from any = m.source.ID
	if m.source.closed {
		from = nil
	}
	return map[string]any{
		"id": m.id, "iid": m.iid, "project_id": m.project.ID, "title": m.title, "description": m.body, "state": m.state,
		"created_at": at(m.created), "updated_at": at(m.updated), "merged_at": at(m.mergedAt), "target_branch": m.target,
		"source_branch": m.branch, "author": c.person(m.author), "source_project_id": from, "target_project_id": m.project.ID,
		"labels": labels, "draft": draft, "work_in_progress": draft, "sha": orNull(m.head()), "merge_commit_sha": orNull(m.mergeCommit),
		"squash_commit_sha": orNull(m.squashCommit), "web_url": address, "squash": m.squash, "merge_status": "can_be_merged",
		"user_notes_count": len(m.notes), "has_conflicts": false,
	}
}

func (s *Server) getChange(c *call) answer { return ok(c.show(c.change)) }

func (s *Server) openChange(c *call) answer {
	target := c.project
	if id, isNumber := c.fields["target_project_id"].(float64); isNumber {
		target = s.find(strconv.FormatFloat(id, 'f', 0, 64))
	}
	for _, name := range []string{"title", "source_branch", "target_branch"} {
		if c.text(name) == "" {
			return answer{http.StatusBadRequest, map[string]any{"error": name + " is missing"}}
		}
	}
	if target == nil {
		return notFound("Project")
	}
	m := &change{
		id: s.id(), iid: int64(len(target.changes) + 1), project: target, source: c.project, title: c.text("title"), body: c.text("description"),
		author: c.user, branch: c.text("source_branch"), target: c.text("target_branch"), state: "opened", created: s.now(),
	}
	m.updated = m.created
	if l := c.text("labels"); l != "" {
		m.labels = strings.Split(l, ",")
	}
	if m.source == target && m.branch == m.target {
		return failed(http.StatusUnprocessableEntity, []string{"You can't use same project/branch for source and target"})
	}
	for _, old := range target.changes {
		if old.state == "opened" && old.branch == m.branch && old.target == m.target && old.source == m.source {
			return failed(http.StatusConflict, []string{fmt.Sprintf("Another open merge request already exists for this source branch: !%d", old.iid)})
		}
	}
	// A branch that is not there is taken: the request is empty then.
	if err := s.sync(c.r.Context(), m); err != nil {
		return failed(http.StatusInternalServerError, err.Error())
	}
	target.changes = append(target.changes, m)
	return created(c.show(m))
}

// changesOfCommit lists the merge requests that contain a commit in their last
// version, and those that were merged as it.
func (s *Server) changesOfCommit(c *call) answer {
	ctx := c.r.Context()
	out := list{}
	for _, m := range c.project.changes {
		if err := s.sync(ctx, m); err != nil {
			return failed(http.StatusInternalServerError, err.Error())
		}
	}
	id, err := c.project.repo.Run(ctx, "rev-parse", "--verify", "--quiet", c.r.PathValue("sha")+"^{commit}")
	if err != nil {
		return notFound("Commit")
	}
	for _, m := range slices.Backward(c.project.changes) {
		if slices.Contains(m.commits, id) || slices.Contains([]string{m.mergeCommit, m.squashCommit, m.mergedCommit}, id) {
			out = append(out, c.show(m))
		}
	}
	return ok(out)
}

func (s *Server) changeCommits(c *call) answer {
	out := list{}
	for _, id := range c.change.commits {
		out = append(out, c.commit(c.change.project, id))
	}
	return ok(out)
}

func (c *call) commit(p *Project, id string) map[string]any {
	text, _ := p.repo.Run(c.r.Context(), "log", "-1", "--format=%an%x00%ae%x00%cI%x00%P%x00%s", id)
	f := append(strings.Split(text, "\x00"), "", "", "", "", "")
	return map[string]any{
		"id": id, "short_id": id[:8], "author_name": f[0], "author_email": f[1], "created_at": f[2], "authored_date": f[2], "committed_date": f[2],
		"parent_ids": strings.Fields(f[3]), "title": f[4], "message": f[4], "web_url": c.base() + "/" + p.Path + "/-/commit/" + id,
	}
}

// getCommit answers for a commit, a branch and a tag.
func (s *Server) getCommit(c *call) answer {
	for _, prefix := range []string{"", "refs/heads/", "refs/tags/"} {
		if id, err := c.project.repo.Run(c.r.Context(), "rev-parse", "--verify", "--quiet", prefix+c.r.PathValue("sha")+"^{commit}"); err == nil {
			return ok(c.commit(c.project, id))
		}
	}
	return notFound("Commit")
}

// listCommits lists those of a branch or of a range.
func (s *Server) listCommits(c *call) answer {
	rev := c.text("ref_name")
	if rev == "" {
		rev = "main"
	}
	all, err := c.project.repo.Run(c.r.Context(), "rev-list", "--end-of-options", rev)
	if err != nil {
		return notFound("Tree")
	}
	out := list{}
	for _, id := range strings.Fields(all) {
		out = append(out, c.commit(c.project, id))
	}
	return ok(out)
}

func (s *Server) getVersions(c *call) answer {
	out := list{}
	for _, v := range slices.Backward(c.change.versions) {
		out = append(out, map[string]any{
			"id": v.id, "head_commit_sha": v.head, "base_commit_sha": v.base, "start_commit_sha": v.base, "created_at": at(v.created),
			"merge_request_id": c.change.id, "state": "collected", "real_size": "1",
		})
	}
	return ok(out)
}
