package forge

import "testing"

func TestParseRemote(t *testing.T) {
	for address, want := range map[string]Remote{
		"https://github.com/team/digits.git":               {GitHub, "https://github.com", "team/digits"},
		"https://ada:secret@github.com/team/digits":        {GitHub, "https://github.com", "team/digits"},
		"git@gitlab.example.com:group/sub/digits.git":      {GitLab, "https://gitlab.example.com", "group/sub/digits"},
		"ssh://git@gitea.example.com:2222/team/digits.git": {Gitea, "https://gitea.example.com", "team/digits"},
		"http://127.0.0.1:3000/team/digits.git":            {None, "http://127.0.0.1:3000", "team/digits"},
		"https://git.example.com/gitlab/team/digits.git":   {None, "https://git.example.com", "gitlab/team/digits"},
		"https://codeberg.org/team/digits/":                {Gitea, "https://codeberg.org", "team/digits"},
		"host:digits":                                      {None, "https://host", "digits"},
	} {
		got, ok := ParseRemote(address)
		if !ok || got != want {
			t.Errorf("%s: %+v, %v", address, got, ok)
		}
	}
	for _, address := range []string{"", "/srv/git/digits.git", "../digits", "./a:b", "file:///srv/digits.git", `C:\digits`, "https://github.com", "git@host:"} {
		if got, ok := ParseRemote(address); ok {
			t.Errorf("%s: %+v", address, got)
		}
	}
}

func TestToken(t *testing.T) {
	env := map[string]string{"GITHUB_TOKEN": "job", "REPO_TOKEN": "cml", "repo_token": "old"}
	get := func(k string) string { return env[k] }
	for kind, want := range map[Kind]string{GitHub: "job", Gitea: "job", GitLab: "cml", None: "cml"} {
		if got, _ := Token(get, kind); got != want {
			t.Errorf("%s: %q", kind, got)
		}
	}
	env["ASSAY_FORGE_TOKEN"] = "own"
	if got, name := Token(get, GitHub); got != "own" || name != "ASSAY_FORGE_TOKEN" {
		t.Errorf("%q of %s", got, name)
	}
}
