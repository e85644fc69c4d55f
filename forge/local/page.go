package local

import (
	"context"
	_ "embed"
	"errors"
	"html/template"
	"image"
	_ "image/jpeg" // sizes of uploaded pictures
	_ "image/png"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
)

//go:embed page.html
var pageHTML string

// Handler serves the pages: projects, a project's merge requests, one merge
// request with its comments and checks, and uploaded pictures. It only shows;
// nothing can be changed through it.
func (f *Forge) Handler() http.Handler {
	p := &pages{forge: f, tmpl: template.Must(template.New("page").Funcs(template.FuncMap{
		"short": func(s string) string { return s[:min(8, len(s))] },
		"when":  func(ms int64) string { return time.UnixMilli(ms).Format("2006-01-02 15:04:05") },
		"clock": func(ms int64) string { return time.UnixMilli(ms).Format("15:04") },
	}).Parse(pageHTML))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.home)
	mux.HandleFunc("GET /{project}", p.project)
	mux.HandleFunc("GET /{project}/changes/{number}", p.change)
	mux.HandleFunc("GET /uploads/{file}", p.upload)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		mux.ServeHTTP(w, r)
	})
}

type pages struct {
	forge *Forge
	tmpl  *template.Template
}

// view is what the template is given; which of its parts are set decides what
// it shows.
type view struct {
	Title    string
	Projects []projectView
	Project  *projectView
	Change   *changeView
}

type projectView struct {
	Name    string
	Changes []rowView
}

type rowView struct {
	forge.Change
	Check  *forge.Check
	Opened int64
}

type changeView struct {
	forge.Change
	Opened, MergedAt int64
	MergedBy         string
	Comments         []commentView
	Checks           []forge.Check
	Approvals        []approvalView
	Diff             []diffLine
	Files            []string
}

type commentView struct {
	forge.Comment
	HTML   template.HTML
	Edited bool
}

type approvalView struct {
	forge.Approval
	Void bool // a push came after it
}

type diffLine struct{ Class, Text string }

func (p *pages) home(w http.ResponseWriter, r *http.Request) {
	names, err := p.forge.Projects()
	if err != nil {
		p.fail(w, err)
		return
	}
	v := view{Title: "Projects"}
	for _, n := range names {
		pv, err := p.rows(r.Context(), n)
		if err != nil {
			p.fail(w, err)
			return
		}
		v.Projects = append(v.Projects, pv)
	}
	p.render(w, v)
}

func (p *pages) rows(ctx context.Context, name string) (projectView, error) {
	state, err := p.forge.load(name)
	if err != nil {
		return projectView{}, err
	}
	pv := projectView{Name: name}
	for i := len(state.Changes) - 1; i >= 0; i-- {
		c := state.Changes[i]
		row := rowView{Change: p.forge.fresh(ctx, *c), Opened: c.Opened}
		if checks := state.Checks[row.Head]; len(checks) > 0 {
			row.Check = &checks[0]
		}
		pv.Changes = append(pv.Changes, row)
	}
	return pv, nil
}

func (p *pages) project(w http.ResponseWriter, r *http.Request) {
	pv, err := p.rows(r.Context(), r.PathValue("project"))
	if err != nil {
		p.fail(w, err)
		return
	}
	p.render(w, view{Title: pv.Name, Project: &pv})
}

func (p *pages) change(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("project")
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		p.fail(w, fault.New(fault.NotFound, "%q is not the number of a merge request", r.PathValue("number")))
		return
	}
	state, err := p.forge.load(name)
	if err != nil {
		p.fail(w, err)
		return
	}
	c, err := state.find(number)
	if err != nil {
		p.fail(w, err)
		return
	}
	v := &changeView{
		Change: p.forge.fresh(r.Context(), *c), Opened: c.Opened, MergedAt: c.MergedAt, MergedBy: c.MergedBy,
	}
	v.Checks = state.Checks[v.Head]
	for _, a := range c.Approvals {
		v.Approvals = append(v.Approvals, approvalView{Approval: a, Void: a.Head != v.Head})
	}
	for _, m := range c.Comments {
		body, err := renderMarkdown(m.Body, p.size)
		if err != nil {
			p.fail(w, err)
			return
		}
		// renderMarkdown escapes everything but the tags on its list.
		v.Comments = append(v.Comments, commentView{Comment: m, HTML: template.HTML(body), Edited: m.Updated != m.Created})
	}
	v.Files, v.Diff = p.diff(r.Context(), v.Change)
	p.render(w, view{Title: "!" + strconv.Itoa(number) + " " + c.Title, Change: v})
}

// diff is the change's patch, cut at a length that a page can show.
func (p *pages) diff(ctx context.Context, c forge.Change) (files []string, lines []diffLine) {
	repo := &git.Repo{Dir: p.forge.bare(c.Project)}
	from := "refs/heads/" + c.Target
	if c.State == forge.Merged {
		from = c.MergeCommit + "^1"
	}
	base, err := repo.MergeBase(ctx, from, c.Head)
	if err != nil {
		return nil, nil
	}
	files, _ = repo.Changed(ctx, base, c.Head)
	patch, err := repo.Run(ctx, "diff", "--no-color", "--no-ext-diff", base, c.Head)
	if err != nil {
		return files, nil
	}
	for i, l := range strings.Split(patch, "\n") {
		if i == 400 {
			return files, append(lines, diffLine{"meta", "… the rest is not shown"})
		}
		lines = append(lines, diffLine{classOf(l), l})
	}
	return files, lines
}

func classOf(line string) string {
	switch {
	case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"), strings.HasPrefix(line, "diff "),
		strings.HasPrefix(line, "index "), strings.HasPrefix(line, "@@"):
		return "meta"
	case strings.HasPrefix(line, "+"):
		return "add"
	case strings.HasPrefix(line, "-"):
		return "del"
	}
	return ""
}

// size is that of an uploaded picture; zeros for what was not uploaded here, or
// is of a kind whose size is not known.
func (p *pages) size(address string) (width, height int) {
	_, name, ok := strings.Cut(address, "/uploads/")
	if !ok {
		return 0, 0
	}
	root, err := os.OpenRoot(filepath.Join(p.forge.dir, "uploads"))
	if err != nil {
		return 0, 0
	}
	defer root.Close()
	file, err := root.Open(name)
	if err != nil {
		return 0, 0
	}
	defer file.Close()
	c, _, err := image.DecodeConfig(file)
	if err != nil {
		return 0, 0
	}
	return c.Width, c.Height
}

func (p *pages) upload(w http.ResponseWriter, r *http.Request) {
	root, err := os.OpenRoot(filepath.Join(p.forge.dir, "uploads"))
	if err != nil {
		p.fail(w, err)
		return
	}
	defer root.Close()
	file, err := root.Open(r.PathValue("file"))
	if err != nil {
		p.fail(w, fault.New(fault.NotFound, "there is no upload by this name"))
		return
	}
	defer file.Close()
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, file.Name(), time.Time{}, file)
}

func (p *pages) render(w http.ResponseWriter, v view) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = p.tmpl.Execute(w, v) // the reader went away; there is nobody left to tell
}

func (p *pages) fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if fault.Is(err, fault.NotFound) || errors.Is(err, os.ErrNotExist) {
		status = http.StatusNotFound
	}
	http.Error(w, err.Error(), status)
}
