package fakegithub

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// network is the commits of a project and its forks.
type network struct{ commits map[string]*commit }

type commit struct {
	sha     string
	parents []string
	what    string
}

// name is a commit's id: not Git's, but as long, and of all that it holds.
func name(what string, parents ...string) string {
	sum := sha1.Sum([]byte(what + "\x00" + strings.Join(parents, " ")))
	return hex.EncodeToString(sum[:])
}

func (n *network) add(what string, parents ...string) string {
	sha := name(what, parents...)
	n.commits[sha] = &commit{sha: sha, parents: parents, what: what}
	return sha
}

// reach is a commit and all before it.
func (n *network) reach(from string) map[string]bool {
	seen, todo := map[string]bool{}, []string{from}
	for len(todo) > 0 {
		sha := todo[0]
		todo = todo[1:]
		if c := n.commits[sha]; c != nil && !seen[sha] {
			seen[sha] = true
			todo = append(todo, c.parents...)
		}
	}
	return seen
}

// between lists the commits up to head that base has not, oldest first.
func (n *network) between(base, head string) []string {
	have := n.reach(base)
	var out []string
	for sha := head; sha != "" && !have[sha]; {
		out = append([]string{sha}, out...)
		if p := n.commits[sha].parents; len(p) > 0 {
			sha = p[0]
		} else {
			sha = ""
		}
	}
	return out
}

// repo is a project.
type repo struct {
	id           int
	owner, title string
	private      bool
	parent       *repo // of a fork
	net          *network
	branches     map[string]string
	roles        map[string]int
	pulls        []*pull
	comments     []*comment
	statuses     map[string][]status
	deployments  map[int]*deployment
	workflows    map[string][]string // inputs by file
	dispatched   []Dispatch
	numbered     int // of issues and pull requests
}

func (r *repo) name() string { return r.owner + "/" + r.title }

// default branch of every project.
const mainBranch = "main"

// Project is a project for tests to act on, as people do.
type Project struct {
	s *Server
	r *repo
}

// NewProject makes one, OWNER/NAME, with a commit on main.
func (s *Server) NewProject(name string, private bool) *Project {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, title, _ := strings.Cut(name, "/")
	r := s.newRepo(owner, title, &network{commits: map[string]*commit{}})
	r.private = private
	r.branches[mainBranch] = r.net.add("first commit of " + name)
	return &Project{s, r}
}

func (s *Server) newRepo(owner, title string, net *network) *repo {
	s.user(owner)
	r := &repo{
		id: s.id(), owner: owner, title: title, net: net, branches: map[string]string{}, roles: map[string]int{},
		statuses: map[string][]status{}, deployments: map[int]*deployment{}, workflows: map[string][]string{},
	}
	s.repos[strings.ToLower(r.name())] = r
	return r
}

// Fork makes a fork of another owner.
func (p *Project) Fork(owner string) *Project {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	r := p.s.newRepo(owner, p.r.title, p.r.net)
	r.parent = p.r
	for branch, sha := range p.r.branches {
		r.branches[branch] = sha
	}
	return &Project{p.s, r}
}

// Delete takes the project away, as when a fork is deleted.
func (p *Project) Delete() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	delete(p.s.repos, strings.ToLower(p.r.name()))
}

// Writer lets a person write.
func (p *Project) Writer(login string) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.s.user(login)
	p.r.roles[login] = write
}

// Push makes a commit on a branch (made from main if it is new) and returns it.
func (p *Project) Push(branch, file, text string) string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	tip := p.r.branches[branch]
	if tip == "" {
		tip = p.r.branches[mainBranch]
	}
	p.r.branches[branch] = p.r.net.add(file+"\n"+text, tip)
	return p.r.branches[branch]
}

// Tip returns the commit of a branch.
func (p *Project) Tip(branch string) string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.r.branches[branch]
}

// Workflow adds a workflow that is started by hand, with its inputs.
func (p *Project) Workflow(file string, inputs ...string) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.r.workflows[file] = inputs
}

// Dispatched lists what was started.
func (p *Project) Dispatched() []Dispatch {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return append([]Dispatch(nil), p.r.dispatched...)
}

// Deployed lists the states of a deployment, the oldest first.
func (p *Project) Deployed(id int) []string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if d := p.r.deployments[id]; d != nil {
		return append([]string(nil), d.states...)
	}
	return nil
}

// Review writes a review of the head as it is now: APPROVED, CHANGES_REQUESTED
// or COMMENTED. It returns its id.
func (p *Project) Review(number int, who, state string) int {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	pull := p.r.pull(number)
	v := &review{id: p.s.id(), who: p.s.user(who), state: state, head: pull.tip(), at: time.Now()}
	pull.reviews = append(pull.reviews, v)
	return v.id
}

// Dismiss dismisses a review.
func (p *Project) Dismiss(number, id int) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	for _, v := range p.r.pull(number).reviews {
		if v.id == id {
			v.state = "DISMISSED"
		}
	}
}

// Close closes a pull request without merging it.
func (p *Project) Close(number int) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	pull := p.r.pull(number)
	pull.head, pull.closed = pull.tip(), time.Now()
}

// Merge merges a pull request – way is merge, squash or rebase – and deletes
// its branch.
func (p *Project) Merge(number int, way string) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	pull := p.r.pull(number)
	net, base := p.r.net, p.r.branches[pull.base]
	pull.head, pull.closed, pull.merged = pull.tip(), time.Now(), true
	pull.commits = net.between(base, pull.head)
	switch way {
	case "squash":
		pull.result = []string{net.add(fmt.Sprintf("%s (#%d)", pull.title, number), base)}
	case "rebase":
		for _, sha := range pull.commits {
			base = net.add("rebased "+net.commits[sha].what, base)
			pull.result = append(pull.result, base)
		}
	default:
		pull.result = append(append([]string(nil), pull.commits...), net.add(fmt.Sprintf("Merge pull request #%d", number), base, pull.head))
	}
	p.r.branches[pull.base] = pull.result[len(pull.result)-1]
	delete(pull.from.branches, pull.ref)
}
