package review

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-ml/assay/review/compare"
	"github.com/assay-ml/assay/review/plot"
	"github.com/assay-ml/assay/review/report"
	"github.com/assay-ml/assay/track"
)

// draw draws the curves and the confusion matrices into the pictures' folder.
func (r *maker) draw(ctx context.Context, d *report.Document) error {
	if r.Pictures == "" {
		return nil
	}
	if err := os.MkdirAll(r.Pictures, 0o755); err != nil {
		return fmt.Errorf("making the folder for pictures: %w", err)
	}
	for _, key := range r.curveKeys(ctx) {
		c, err := r.curves(ctx, key)
		if err != nil {
			r.notes = append(r.notes, fmt.Sprintf("the curve of %s could not be read: %s", key, err))
			continue
		}
		if err := r.save(d, "curve-"+fileName(key), c.AltText(), false, func(b *bytes.Buffer) error {
			return c.Draw(b, plot.PNG, plot.Options{})
		}); err != nil {
			return err
		}
	}
	m := d.Table.Confusion
	if m == nil {
		return nil
	}
	diff := plot.MatrixDiff{Labels: m.Labels, Counts: m.Difference()}
	if err := r.save(d, "confusion-difference", diff.AltText(), true, func(b *bytes.Buffer) error {
		return diff.Draw(b, plot.PNG, plot.Options{})
	}); err != nil {
		return err
	}
	now := plot.Matrix{Labels: m.Labels, Counts: m.Candidate}
	return r.save(d, "confusion", now.AltText(), true, func(b *bytes.Buffer) error {
		return now.Draw(b, plot.PNG, plot.Options{})
	})
}

func (r *maker) save(d *report.Document, name, alt string, folded bool, draw func(*bytes.Buffer) error) error {
	var b bytes.Buffer
	if err := draw(&b); err != nil {
		return fmt.Errorf("drawing %s: %w", name, err)
	}
	name += ".png"
	if err := os.WriteFile(filepath.Join(r.Pictures, name), b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	d.Pictures = append(d.Pictures, report.Picture{Path: r.Link + "/" + name, Alt: alt, Folded: folded})
	return nil
}

// curveKeys chooses which curves to draw: those that the configuration names,
// else at most two of those that the run logged more than twice.
func (r *maker) curveKeys(ctx context.Context) []string {
	if r.Server == nil || r.Candidate == nil {
		return nil
	}
	if len(r.Config.Curves) > 0 {
		return r.Config.Curves
	}
	run, err := r.Server.Run(ctx, r.Candidate.RunID)
	if err != nil {
		return nil
	}
	var keys []string
	for _, m := range run.Metrics {
		if m.Step >= 2 && !strings.HasPrefix(m.Key, "system/") && len(keys) < 2 {
			keys = append(keys, m.Key)
		}
	}
	return keys
}

func (r *maker) curves(ctx context.Context, key string) (plot.Curves, error) {
	unit := compare.GuessUnit(key)
	c := plot.Curves{XLabel: "step", YLabel: key}
	title := key + " by step"
	add := func(runID, name string, role plot.Role) error {
		points, err := r.Server.History(ctx, runID, key)
		if err != nil || len(points) == 0 {
			return err
		}
		s := plot.Series{Name: name, Role: role}
		for _, p := range points {
			s.X, s.Y = append(s.X, float64(p.Step)), append(s.Y, p.Value)
		}
		c.Series = append(c.Series, s)
		unit = compare.GuessUnit(key, s.Y...)
		sep := ", baseline "
		if role == plot.Candidate {
			sep = ": "
		}
		title += sep + unit.Value(latest(points))
		return nil
	}
	if err := add(r.Candidate.RunID, "this change", plot.Candidate); err != nil {
		return c, err
	}
	if r.baseline != nil {
		if err := add(r.baseline.ID, "baseline", plot.Baseline); err != nil {
			return c, err
		}
	}
	c.Title, c.Percent = title, unit == compare.Share
	return c, nil
}

func latest(points []track.Metric) float64 {
	last := points[0]
	for _, p := range points {
		if p.Later(last) {
			last = p
		}
	}
	return last.Value
}

// fileName keeps what every file system takes.
func fileName(key string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, key)
}
