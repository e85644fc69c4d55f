package fakegitlab

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const maxNote = 1_000_000 // characters

type note struct {
	id      int64
	author  *user
	body    string
	system  bool
	created time.Time
	updated time.Time
}

func (s *Server) note(m *change, who *user, body string, system bool) *note {
	n := &note{id: s.id(), author: who, body: body, system: system, created: s.now()}
	n.updated = n.created
	m.notes = append(m.notes, n)
	return n
}

func (c *call) showNote(n *note) map[string]any {
	return map[string]any{
		"id": n.id, "type": nil, "body": n.body, "author": c.person(n.author), "system": n.system, "created_at": at(n.created),
		"updated_at": at(n.updated), "noteable_id": c.change.id, "noteable_iid": c.change.iid, "noteable_type": "MergeRequest",
		"project_id": c.project.ID, "resolvable": false, "confidential": false, "internal": false,
	}
}

// listNotes lists the newest first, unless told otherwise.
func (s *Server) listNotes(c *call) answer {
	out := list{}
	for _, n := range c.change.notes {
		out = append(out, c.showNote(n))
	}
	if c.text("sort") != "asc" {
		slices.Reverse(out)
	}
	return ok(out)
}

func (s *Server) createNote(c *call) answer {
	if c.project.Private && c.level() < Reporter {
		return forbidden()
	}
	if _, there := c.fields["body"]; !there {
		return answer{http.StatusBadRequest, map[string]any{"error": "body is missing"}}
	}
	body, acted := c.quickActions(c.text("body"))
	switch {
	case body == "" && acted:
		return answer{http.StatusAccepted, map[string]any{"commands_changes": map[string]any{}, "summary": []string{"Done."}}}
	case body == "":
		return failed(http.StatusBadRequest, `400 Bad request - Note {:note=>["can't be blank"]}`)
	case utf8.RuneCountInString(body) > maxNote:
		return failed(http.StatusBadRequest, "400 Bad request - Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}")
	}
	return created(c.showNote(s.note(c.change, c.user, body, false)))
}

// quickActions takes lines such as /close out of a text and does as they say;
// those in a block of three backticks are left.
func (c *call) quickActions(text string) (string, bool) {
	var out []string
	acted, fenced := false, false
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r", ""), "\n") {
		if strings.HasPrefix(line, "```") && (!fenced || line == "```") {
			fenced = !fenced
		}
		switch word, _, _ := strings.Cut(line, " "); {
		case !fenced && strings.EqualFold(word, "/close"):
			c.change.state, acted = "closed", true
			continue
		case !fenced && (strings.EqualFold(word, "/merge") || strings.EqualFold(word, "/label")):
			acted = true
			continue
		}
		out = append(out, line)
	}
	return strings.TrimRightFunc(strings.Join(out, "\n"), unicode.IsSpace), acted
}

// own finds a note that the caller may change: one's own, or a maintainer any.
func (c *call) own() (*note, answer, bool) {
	id, _ := strconv.ParseInt(c.r.PathValue("note"), 10, 64)
	i := slices.IndexFunc(c.change.notes, func(n *note) bool { return n.id == id })
	if i < 0 {
		return nil, notFound("Note"), false
	}
	n := c.change.notes[i]
	if n.system || n.author != c.user && c.level() < Maintainer {
		return nil, forbidden(), false
	}
	return n, answer{}, true
}

func (s *Server) editNote(c *call) answer {
	n, a, may := c.own()
	if !may {
		return a
	}
	body, _ := c.quickActions(c.text("body"))
	if body == "" || utf8.RuneCountInString(body) > maxNote {
		return failed(http.StatusBadRequest, "Failed to save note {:note=>[\"is too long or blank\"]}")
	}
	n.body, n.updated = body, s.now()
	return ok(c.showNote(n))
}

func (s *Server) deleteNote(c *call) answer {
	n, a, may := c.own()
	if !may {
		return a
	}
	c.change.notes = slices.DeleteFunc(c.change.notes, func(o *note) bool { return o == n })
	return answer{status: http.StatusNoContent}
}

type upload struct {
	name string
	data []byte
}

// upload keeps a file under a name that only has plain characters, as GitLab
// makes it.
func (s *Server) upload(c *call) answer {
	file, head, err := c.r.FormFile("file")
	if err != nil {
		return answer{http.StatusBadRequest, map[string]any{"error": "file is invalid"}}
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return failed(http.StatusInternalServerError, err.Error())
	}
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-+", r) {
			return r
		}
		return '_'
	}, path.Base(head.Filename))
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails
	secret := hex.EncodeToString(raw)
	c.project.uploads[secret] = upload{name, data}
	address := "/uploads/" + secret + "/" + name
	alt := strings.TrimSuffix(name, path.Ext(name))
	markdown := fmt.Sprintf("[%s](%s)", alt, address)
	if strings.Contains("|.png|.jpg|.jpeg|.gif|.svg|.webp|", "|"+strings.ToLower(path.Ext(name))+"|") {
		markdown = "!" + markdown
	}
	return created(map[string]any{
		"id": s.id(), "alt": alt, "url": address, "markdown": markdown, "full_path": fmt.Sprintf("/-/project/%d%s", c.project.ID, address),
	})
}

// showUpload is where the page of a note leads the relative address of an
// upload to.
func (s *Server) showUpload(w http.ResponseWriter, r *http.Request) {
	if p := s.find(r.PathValue("id")); p != nil {
		if u, there := p.uploads[r.PathValue("secret")]; there && u.name == r.PathValue("name") {
			_, _ = w.Write(u.data) // who asked may be gone
			return
		}
	}
	http.NotFound(w, r)
}

// Notes lists the texts of a merge request's notes, without GitLab's own.
func (s *Server) Notes(p *Project, iid int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, n := range p.changes[iid-1].notes {
		if !n.system {
			out = append(out, n.body)
		}
	}
	return out
}
