package cml

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// aliases are other spellings of options, in kebab case.
var aliases = map[string]string{
	"head-sha": "commit-sha", "driver-token": "token", "publish-native": "native",
}

// kebab lets options be written as --watermarkTitle, too, and by their aliases.
func kebab(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	var out strings.Builder
	for _, c := range name {
		if unicode.IsUpper(c) {
			out.WriteByte('-')
		}
		out.WriteRune(unicode.ToLower(c))
	}
	name = out.String()
	return pflag.NormalizedName(cmp.Or(aliases[name], name))
}

// switches are the options that are on or off.
var switches = []string{"publish", "watch", "pr", "update", "rm-watermark", "native", "md", "gitlab-uploads"}

// plain writes --no-md as --md=false, and --md false as --md=false, which are
// the same to CML.
func plain(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			return append(out, args[i:]...)
		}
		name, isLong := strings.CutPrefix(a, "--")
		if !isLong || strings.Contains(name, "=") {
			out = append(out, a)
			continue
		}
		off, negated := strings.CutPrefix(name, "no-")
		switch {
		case negated && isSwitch(off):
			a = "--" + off + "=false"
		case isSwitch(name) && i+1 < len(args) && (args[i+1] == "true" || args[i+1] == "false"):
			i++
			a += "=" + args[i]
		}
		out = append(out, a)
	}
	return out
}

func isSwitch(name string) bool {
	return slices.Contains(switches, string(kebab(nil, name)))
}

// The prefixes of variables: those of old commands stand for the new ones',
// and win over them.
var oldPrefixes = map[string]string{
	"CML_PUBLISH_": "CML_ASSET_", "CML_SEND_COMMENT_": "CML_COMMENT_",
}

// globals are the variables that hold for every command; they win over the
// command's own.
var globals = []string{"DRIVER", "DRIVER_TOKEN", "LOG", "REPO", "TOKEN"}

// fromEnviron sets the options that were not given from the variables of a
// group of commands, e.g. CML_COMMENT_PUBLISH_URL. A variable that is no option
// is a mistake, as it is to CML.
func (s *session) fromEnviron(cmd *cobra.Command, group string) error {
	prefix := "CML_" + group + "_"
	for _, v := range s.variables(prefix) {
		name := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(v.name, prefix)), "_", "-")
		f := cmd.Flags().Lookup(name)
		if f == nil {
			return usageError{"Unknown argument: " + name + " (" + v.name + ")"}
		}
		if f.Changed || v.value == "" {
			continue
		}
		if err := f.Value.Set(v.value); err != nil {
			return usageError{v.name + ": " + err.Error()}
		}
	}
	return s.log.setLevel(s.level)
}

type variable struct{ name, value string }

// variables are those of a group by their new names, each once, in the order of
// their names.
func (s *session) variables(prefix string) []variable {
	own, old, global := map[string]string{}, map[string]string{}, map[string]string{}
	if s.env.Environ != nil {
		for _, line := range s.env.Environ() {
			name, value, _ := strings.Cut(line, "=")
			if strings.HasPrefix(name, prefix) {
				own[name] = value
			}
			for from, to := range oldPrefixes {
				if rest, ok := strings.CutPrefix(name, from); ok && to == prefix {
					old[prefix+rest] = value
				}
			}
			if rest, ok := strings.CutPrefix(name, "CML_"); ok && slices.Contains(globals, rest) {
				global[prefix+rest] = value
			}
		}
	}
	var out []variable
	for _, from := range []map[string]string{global, old, own} {
		for name, value := range from {
			if !slices.ContainsFunc(out, func(v variable) bool { return v.name == name }) {
				out = append(out, variable{name, value})
			}
		}
	}
	slices.SortFunc(out, func(a, b variable) int { return cmp.Compare(a.name, b.name) })
	return out
}
