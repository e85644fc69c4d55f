package fakegitlab

import (
	"net/http"
	"slices"
	"time"
)

type approval struct {
	who *user
	at  time.Time
}

func (s *Server) getApprovals(c *call) answer { return ok(c.showApprovals()) }

func (c *call) showApprovals() map[string]any {
	by := []any{}
	has := false
	for _, a := range c.change.approvals {
		one := map[string]any{"user": c.person(a.who)}
		if !c.s.Old {
			one["approved_at"] = at(a.at)
		}
		by = append(by, one)
		has = has || a.who == c.user
	}
	return map[string]any{"approved": len(by) > 0, "approved_by": by, "user_has_approved": has, "user_can_approve": !has}
}

// approve says yes to the head as it is now. Nobody approves twice, or what is
// their own.
func (s *Server) approve(c *call) answer {
	m := c.change
	if m.author == c.user || slices.ContainsFunc(m.approvals, func(a approval) bool { return a.who == c.user }) {
		return failed(http.StatusUnauthorized, "401 Unauthorized")
	}
	if sha := c.text("sha"); sha != "" && sha != m.head() {
		return failed(http.StatusConflict, "SHA does not match HEAD of source branch: "+m.head())
	}
	m.approvals = append(m.approvals, approval{c.user, s.now()})
	s.note(m, c.user, "approved this merge request", true)
	return created(c.showApprovals())
}

func (s *Server) unapprove(c *call) answer {
	m := c.change
	before := len(m.approvals)
	m.approvals = slices.DeleteFunc(m.approvals, func(a approval) bool { return a.who == c.user })
	if len(m.approvals) == before {
		return notFound("Approval")
	}
	s.note(m, c.user, "unapproved this merge request", true)
	return created(c.showApprovals())
}
