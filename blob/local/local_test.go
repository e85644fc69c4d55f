package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/blob"
	"github.com/assay-ml/assay/fault"
)

func open(t *testing.T) (*Bucket, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a", "b")
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b, dir
}

func put(t *testing.T, b *Bucket, p, text string) {
	t.Helper()
	n, err := b.Put(context.Background(), p, strings.NewReader(text))
	if err != nil || n != int64(len(text)) {
		t.Fatalf("Put(%q) = %d, %v", p, n, err)
	}
}

func get(b *Bucket, p string) (string, error) {
	f, info, err := b.Open(context.Background(), p)
	if err != nil {
		return "", err
	}
	defer f.Close()
	all, err := io.ReadAll(f)
	if err == nil && info.Size != int64(len(all)) {
		err = errors.New("wrong size")
	}
	return string(all), err
}

func TestRoundTrip(t *testing.T) {
	b, dir := open(t)
	ctx := context.Background()
	put(t, b, "x/y/one", "1")
	put(t, b, "x/y/one", "one")
	put(t, b, "x/two", "")
	put(t, b, "top", "t")
	if got, err := get(b, "x/./y//one"); got != "one" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for prefix, want := range map[string][]blob.Info{
		"":        {{Path: "top", Size: 1}, {Path: "x", Dir: true}},
		"x":       {{Path: "x/two"}, {Path: "x/y", Dir: true}},
		"x/y/":    {{Path: "x/y/one", Size: 3}},
		"x/y/one": nil,
		"none/a":  nil,
	} {
		got, err := b.List(ctx, prefix)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("List(%q): %v (-want +got)\n%s", prefix, err, d)
		}
	}
	if err := b.Delete(ctx, "x"); err != nil {
		t.Error(err)
	}
	for _, p := range []string{"x/y/one", "x", ""} {
		if _, err := get(b, p); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", p, err)
		}
	}
	put(t, b, "p/q/r", "")
	if err := b.Delete(ctx, "p/q/r"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "p")); !os.IsNotExist(err) {
		t.Errorf("an empty folder stayed: %v", err)
	}
	if err := b.Delete(ctx, "p"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestConfined(t *testing.T) {
	b, dir := open(t)
	outside := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(outside, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(dir), filepath.Join(dir, "up")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	ctx := context.Background()
	for _, p := range []string{"..", "../secret", "a/../../secret", "/etc/passwd", `a\b`, "a\x00b", ".tmp", "./.tmp/x", strings.Repeat("a", 300)} {
		if _, err := b.Put(ctx, p, strings.NewReader("")); !fault.Is(err, fault.Invalid) {
			t.Errorf("Put(%q): %v", p, err)
		}
		if _, err := get(b, p); !fault.Is(err, fault.Invalid) {
			t.Errorf("Open(%q): %v", p, err)
		}
		if _, err := b.List(ctx, p); !fault.Is(err, fault.Invalid) {
			t.Errorf("List(%q): %v", p, err)
		}
		if err := b.Delete(ctx, p); !fault.Is(err, fault.Invalid) {
			t.Errorf("Delete(%q): %v", p, err)
		}
	}
	if got, err := get(b, "up/secret"); err == nil {
		t.Errorf("a link led out: %q", got)
	}
	if _, err := b.Put(ctx, "up/new", strings.NewReader("")); err == nil {
		t.Error("written through a link that leads out")
	}
	if got, err := b.List(ctx, ""); len(got) != 0 || err != nil {
		t.Errorf("List: %v, %v", got, err)
	}
	if err := b.Delete(ctx, "up/secret"); err == nil {
		t.Error("deleted through a link")
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error(err)
	}
}

func TestInTheWay(t *testing.T) {
	b, _ := open(t)
	put(t, b, "a/b", "1")
	for _, p := range []string{"a", "a/b/c"} {
		if _, err := b.Put(context.Background(), p, strings.NewReader("")); !fault.Is(err, fault.Invalid) {
			t.Errorf("Put(%q): %v", p, err)
		}
	}
}

func TestWholeOrNotAtAll(t *testing.T) {
	b, dir := open(t)
	put(t, b, "a", "old")
	broken := io.MultiReader(strings.NewReader("new"), failing{})
	if _, err := b.Put(context.Background(), "a", broken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.Put(ctx, "a", strings.NewReader("new")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got, _ := get(b, "a"); got != "old" {
		t.Errorf("got %q", got)
	}
	left, err := os.ReadDir(filepath.Join(dir, tmp))
	if len(left) != 0 || err != nil {
		t.Errorf("left over: %v, %v", left, err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestLeftovers(t *testing.T) {
	b, dir := open(t)
	for name, age := range map[string]time.Duration{"old": 48 * time.Hour, "new": 0} {
		p := filepath.Join(dir, tmp, name)
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	b.sweep()
	left, err := os.ReadDir(filepath.Join(dir, tmp))
	if err != nil || len(left) != 1 || left[0].Name() != "new" {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestFullDisk(t *testing.T) {
	b, dir := open(t)
	err := b.fault("storing", "x", fmt.Errorf("write: %w", syscall.ENOSPC))
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), dir) || fault.HintOf(err) == "" {
		t.Errorf("got %v", err)
	}
}

// TestBeside puts and deletes in the same folder at once: no Put may fail
// because its folder went away.
func TestBeside(t *testing.T) {
	b, _ := open(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 20 {
				p := fmt.Sprintf("d/e/%d-%d", i, j)
				if _, err := b.Put(context.Background(), p, strings.NewReader("x")); err != nil {
					t.Error(err)
				}
				if err := b.Delete(context.Background(), p); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
