package assay

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/track"
)

// follow writes texts to a file one after the other and returns what is new at
// each look, as name@step=value. An empty text removes the file; the last look
// is the final one.
func follow(t *testing.T, name string, texts ...string) []string {
	t.Helper()
	dir := t.TempDir()
	f := &metricsFile{name: name, points: map[[16]byte]bool{}, now: time.Now}
	var out []string
	for i, text := range texts {
		path := filepath.Join(dir, name)
		if text == "" {
			_ = os.Remove(path)
		} else if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		} else if err := os.Chtimes(path, time.Time{}, time.Unix(1e9+int64(i), 0)); err != nil {
			t.Fatal(err)
		}
		points, err := f.read(dir, i == len(texts)-1)
		out = append(out, seen(points, err))
	}
	return out
}

func seen(points []track.Metric, err error) string {
	var all []string
	for _, p := range points {
		all = append(all, fmt.Sprintf("%s@%d=%g", p.Key, p.Step, p.Value))
	}
	if err != nil {
		all = append(all, "error")
	}
	return strings.Join(all, " ")
}

func TestMetricsFilesAsTheyChange(t *testing.T) {
	for _, c := range []struct {
		name, file  string
		texts, want []string
	}{
		{
			"a table that grows", "log.csv",
			[]string{"epoch,loss\n", "epoch,loss\n1,0.5\n", "epoch,loss\n1,0.5\n2,0.25\n3,0.125\n", "epoch,loss\n1,0.5\n2,0.25\n3,0.125\n"},
			[]string{"", "loss@1=0.5", "loss@2=0.25 loss@3=0.125", ""},
		},
		{
			"a row that is half written", "log.csv",
			[]string{"step,loss\n1,0.1", "step,loss\n1,0.125\n2", "step,loss\n1,0.125\n2,0.5", "step,loss\n1,0.125\n2,0.5"},
			[]string{"", "loss@1=0.125", "", "loss@2=0.5"},
		},
		{
			"begun anew with other values", "log.csv",
			[]string{"step,loss\n1,9\n2,8\n3,7\n", "step,loss\n", "step,loss\n1,9\n2,6\n", "step,loss\n1,9\n2,6\n"},
			[]string{"loss@1=9 loss@2=8 loss@3=7", "", "loss@2=6", ""},
		},
		{
			"removed and written again", "log.tsv",
			[]string{"step\tloss\n1\t9\n", "", "step\tloss\n1\t9\n2\t8\n"},
			[]string{"loss@1=9", "", "loss@2=8"},
		},
		{
			"a table without a step", "log.tsv",
			[]string{"loss\tacc\n3\t0.1\n", "loss\tacc\n3\t0.1\n3\t0.1\n"},
			[]string{"loss@0=3 acc@0=0.1", "loss@1=3 acc@1=0.1"},
		},
		{
			"a column comes to it, cells are empty", "metrics.csv", // as Lightning writes
			[]string{"epoch,step,loss\n0,9,1\n", "epoch,step,loss,val\n0,9,1,\n0,9,,0.5\n,x,7,7\n0,1.5,7,7\n"},
			[]string{"epoch@9=0 loss@9=1", "val@9=0.5"},
		},
		{
			"an index, texts, names that are none", "log.csv", // as pandas writes
			[]string{",name,a(b),loss\n0,x,1,NaN\n1,y,2,inf\n"},
			[]string{"loss@0=NaN loss@1=+Inf"},
		},
		{
			"a broken table", "log.csv",
			[]string{"a,b\n1,2\n3\n", "a,b\n1,2\n3,4\n"},
			[]string{"error", "a@0=1 b@0=2 a@1=3 b@1=4"},
		},
		{
			"values that are rewritten", "metrics.json",
			[]string{`{"acc": 0.5, "loss": {"val": 1}}`, `{"acc": 0.5,  "loss": {"val": 1}}`, `{"acc": 0.5, "loss": {"val": 2}}`, `{"acc": 0.5, "loss": {"val": 2}}`},
			[]string{"acc@0=0.5 loss.val@0=1", "", "acc@1=0.5 loss.val@1=2", ""},
		},
		{
			"values with a step of their own", "metrics.json", // as DVCLive writes
			[]string{`{"step": 3, "loss": 1}`, `{"step": 3, "loss": 1, "acc": 2}`, `{"step": 4, "loss": 1}`, `{"step": 3, "loss": 1}`},
			[]string{"step@3=3 loss@3=1", "acc@3=2", "step@4=4 loss@4=1", ""},
		},
		{
			"JSON that is half written", "metrics.json",
			[]string{`{"acc": 0.`, " ", `{"acc": 0.75`, `{"acc": 0.75}`},
			[]string{"error", "", "error", "acc@0=0.75"},
		},
		{
			"YAML that is half written", "metrics.yaml",
			[]string{"acc: 0.7", "acc: 0.75\n", "acc: 0.75\nloss: 1", "acc: 0.75\nloss: 1"},
			[]string{"", "acc@0=0.75", "", "acc@1=0.75 loss@1=1"},
		},
		{
			"TOML", "metrics.toml",
			[]string{"acc = 0.5\nnote = 'x'\n", "acc = 0.5\nnote = 'y'\n"},
			[]string{"acc@0=0.5", ""},
		},
		{"never written", "metrics.json", []string{"", ""}, []string{"", ""}},
		{"another format", "metrics.txt", []string{"0.5\n"}, []string{"error"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, follow(t, c.file, c.texts...)); diff != "" {
				t.Errorf("points (-want +got):\n%s", diff)
			}
		})
	}
}

// A last line without an end is whole once nobody has touched it for a while.
func TestALineWithoutAnEndSettles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte("step,loss\n1,0.5"), 0o644); err != nil {
		t.Fatal(err)
	}
	f := &metricsFile{name: "a.csv", points: map[[16]byte]bool{}, now: time.Now}
	for i, want := range []string{"", "loss@1=0.5", ""} {
		if got := seen(f.read(dir, false)); got != want {
			t.Errorf("look %d: %q, want %q", i, got, want)
		}
	}
}

// A file that was rewritten in the same tick of the file system's clock, to the
// same size, is noticed at the end.
func TestASilentRewriteIsNoticedInTheEnd(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.json")
	f := &metricsFile{name: "m.json", points: map[[16]byte]bool{}, now: time.Now}
	when := time.Unix(1e9, 0)
	for i, want := range []string{"a@0=1", "", "a@1=3"} {
		if err := os.WriteFile(path, fmt.Appendf(nil, `{"a": %d}`, i+1), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
		if got := seen(f.read(dir, i == 2)); got != want {
			t.Errorf("look %d: %q, want %q", i, got, want)
		}
	}
}

func TestMetricsFileOutsideIsRefused(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "m.json"), []byte(`{"secret": 1}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(other, "m.json"), filepath.Join(dir, "m.json")); err != nil {
		t.Skip(err)
	}
	f := &metricsFile{name: "m.json", points: map[[16]byte]bool{}, now: time.Now}
	if got := seen(f.read(dir, true)); got != "error" {
		t.Errorf("a link out of the project gave %q", got)
	}
}

func TestTimesOfATable(t *testing.T) {
	f := &metricsFile{name: "loss.tsv", points: map[[16]byte]bool{}, now: func() time.Time { return time.UnixMilli(77) }}
	points, _, err := f.parse([]byte("timestamp\tstep\tloss\n1700000000123\t0\t3\n1700000000.5\t1\t2\nsoon\t2\t1\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, p := range points {
		got = append(got, p.Time)
	}
	if diff := cmp.Diff([]int64{1700000000123, 1700000000500, 77}, got); diff != "" {
		t.Errorf("times (-want +got):\n%s", diff)
	}
}

func TestWholeNumber(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), 0.5, 1e300} {
		if n, ok := wholeNumber(v); ok {
			t.Errorf("%g is the step %d", v, n)
		}
	}
	if n, ok := wholeNumber(-3); n != -3 || !ok {
		t.Errorf("-3 is %d, %v", n, ok)
	}
}

// TestMetricsFilesFromBefore: what lay there when the run began is another
// run's, whether this one leaves it, writes it anew or goes on at its end.
func TestMetricsFilesFromBefore(t *testing.T) {
	for _, c := range []struct {
		name, file, before, after, want string
	}{
		{"left alone", "metrics.json", `{"accuracy": 0.9}`, "", ""},
		{"written anew", "metrics.json", `{"accuracy": 0.9}`, `{"accuracy": 0.98}`, "accuracy@0=0.98"},
		{"written anew with the same", "metrics.json", `{"accuracy": 0.9}`, `{"accuracy": 0.9}`, "accuracy@0=0.9"},
		{"a table written anew", "log.csv", "step,loss\n1,9\n2,8\n", "step,loss\n1,9\n", "loss@1=9"},
		{"a table that goes on", "log.csv", "step,loss\n1,9\n2,8\n", "step,loss\n1,9\n2,8\n3,7\n", "loss@3=7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, c.file)
			write := func(text string, at int64) {
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(path, time.Time{}, time.Unix(at, 0)); err != nil {
					t.Fatal(err)
				}
			}
			write(c.before, 1e9)
			f := newMetricsFile(dir, c.file)
			early, err := f.read(dir, false)
			if got := seen(early, err); got != "" {
				t.Errorf("before it was written: %s", got)
			}
			if c.after != "" {
				write(c.after, 1e9+1)
			}
			points, err := f.read(dir, true)
			if got := seen(points, err); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
