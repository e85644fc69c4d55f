package config

import (
	"net/url"
	"strings"

	"github.com/assay-ml/assay/fault"
)

// Setting is a value that knows where it came from, so that an error can say.
type Setting struct {
	Value, Source string
}

// ServerAddress finds the address of the server: the flag, then ASSAY_SERVER, then
// MLFLOW_TRACKING_URI where it is an HTTP address, then assay.yaml. None of
// them: an empty setting.
func (f *File) ServerAddress(flag string, getenv func(string) string) (Setting, error) {
	for _, s := range []Setting{
		{flag, "--server"},
		{getenv("ASSAY_SERVER"), "ASSAY_SERVER"},
		{httpOnly(getenv("MLFLOW_TRACKING_URI")), "MLFLOW_TRACKING_URI"},
		{f.Server, FileName},
	} {
		if s.Value == "" {
			continue
		}
		u, err := url.Parse(s.Value)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return s, fault.New(fault.Invalid, "%q (from %s) is not the address of a server", s.Value, s.Source).
				WithHint("write it as http://HOST:PORT")
		}
		s.Value = strings.TrimRight(s.Value, "/")
		return s, nil
	}
	return Setting{}, nil
}

func httpOnly(s string) string {
	if strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
		return s
	}
	return ""
}
