package github_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/forgetest/fakegithub"
)

// TestRights asks for what each kind of token may, and finds that asking has
// left nothing behind.
func TestRights(t *testing.T) {
	all := map[string]string{"pull_requests": "write", "statuses": "write", "deployments": "write", "actions": "write"}
	fine := func(login string, permissions map[string]string) fakegithub.Token {
		return fakegithub.Token{Kind: fakegithub.FineGrained, Login: login, Permissions: permissions}
	}
	for name, c := range map[string]struct {
		token fakegithub.Token
		kind  string
		// read, comment, status, deployment, actions
		want string
	}{
		"classic, repo":               {fakegithub.Token{Login: "ada", Scopes: []string{"repo"}}, "user", "yes yes yes yes yes"},
		"classic, statuses alone":     {fakegithub.Token{Login: "ada", Scopes: []string{"repo:status"}}, "user", "yes no yes no no"},
		"classic, deployments alone":  {fakegithub.Token{Login: "ada", Scopes: []string{"repo_deployment"}}, "user", "yes no no yes no"},
		"classic, nothing":            {fakegithub.Token{Login: "ada"}, "user", "yes no no no no"},
		"classic, of a stranger":      {fakegithub.Token{Login: "heidi", Scopes: []string{"public_repo"}}, "user", "yes yes no no no"},
		"fine-grained":                {fine("ada", all), "user", "yes yes yes yes unknown"},
		"fine-grained, comment alone": {fine("ada", map[string]string{"issues": "write"}), "user", "yes yes no no no"},
		"fine-grained, of a stranger": {fine("heidi", all), "user", "yes unknown no no no"},
		"job":                         {fakegithub.Job("ada/digits", all), "job", "yes yes yes yes unknown"},
		"job of a fork":               {fakegithub.Job("ada/digits", map[string]string{"pull_requests": "read"}), "job", "yes no no no no"},
		"job elsewhere":               {fakegithub.Job("ada/other", all), "job", "yes no no no no"},
	} {
		t.Run(name, func(t *testing.T) {
			h := serve(t)
			p := h.project("ada/digits")
			h.AddToken("it", c.token)
			id, err := h.driver(t, "it").Identity(t.Context(), "ada/digits")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range id.Rights {
				got = append(got, string(r.Grant))
				if r.Found == "" || (r.Mend == "") == (r.Grant == forge.Refused) {
					t.Errorf("%+v", r)
				}
				if r.Grant == forge.Refused && c.kind == "job" && !strings.Contains(r.Mend, strings.Replace(r.Name, "pull ", "pull-", 1)) {
					t.Errorf("%+v", r)
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" || id.Kind != c.kind || (id.Login == "") != (c.kind == "job") {
				t.Errorf("%+v %s", id, diff)
			}
			if len(p.Dispatched()) > 0 {
				t.Errorf("started %v", p.Dispatched())
			}
		})
	}
}

// TestNotToBeSeen: a private project is not found by who may not see it.
func TestNotToBeSeen(t *testing.T) {
	h := serve(t)
	h.NewProject("ada/secret", true)
	h.AddToken("heidi", fakegithub.Token{Login: "heidi", Scopes: []string{"repo"}})
	f := h.driver(t, "heidi")
	id, err := f.Identity(t.Context(), "ada/secret")
	if err != nil || len(id.Rights) != 1 || id.Rights[0].Grant != forge.Refused || id.Rights[0].Mend == "" {
		t.Errorf("%+v, %v", id, err)
	}
	if _, err := f.Change(t.Context(), "ada/secret", 1); !fault.Is(err, fault.NotFound) || fault.HintOf(err) == "" {
		t.Errorf("%v", err)
	}
	if _, err := h.driver(t, "").Identity(t.Context(), "ada/secret"); !fault.Is(err, fault.Denied) {
		t.Errorf("no token: %v", err)
	}
}
