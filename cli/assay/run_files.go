package assay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/params"
	"github.com/assay-ml/assay/track"
)

func (r *recorder) logParamsFiles(ctx context.Context) error {
	for _, name := range r.project.config.Files.Params {
		data, err := readProjectFile(r.project.dir, name, 16<<20)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		set, err := params.Parse(name, data)
		if err != nil {
			return fault.New(fault.Invalid, "%w", err).WithHint("its values are not recorded with the run")
		}
		var b track.Batch
		for _, v := range set.Values {
			if track.CheckKey("param", v.Path) == nil && len(b.Params) < 100 {
				b.Params = append(b.Params, track.Param{Key: v.Path, Value: v.Text})
			}
		}
		// A script may have logged the same name with another value: its word wins.
		if err := r.local.LogBatch(ctx, r.run.RunID, b); err != nil && !fault.Is(err, fault.Invalid) {
			return err
		}
	}
	return nil
}

// logFile logs a file, or all files of a folder, as artifacts.
func (r *recorder) logFile(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	root, err := os.OpenRoot(r.project.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	st, err := root.Stat(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil // the command did not write it
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if !st.IsDir() {
		f, err := root.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		return r.local.PutArtifact(ctx, r.root, path.Clean(name), f)
	}
	dir, err := root.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(10000)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for _, e := range entries {
		if err := r.logFile(ctx, path.Join(name, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// readProjectFile reads a file below the project's top, at most max bytes.
func readProjectFile(top, name string, max int64) ([]byte, error) {
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(data)) > max {
		err = fault.New(fault.TooLarge, "%s is larger than %d MB", name, max>>20)
	}
	return data, err
}
