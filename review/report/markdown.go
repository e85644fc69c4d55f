package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-ml/assay/review/compare"
)

// Mark is the hidden line by which a comment is found again.
func Mark(name string) string {
	return "<!-- assay:report " + strings.NewReplacer("-->", "", "\n", " ").Replace(name) + " -->"
}

// Markdown writes the document in the dialect that all forges read.
func (d *Document) Markdown() string {
	var b strings.Builder
	b.WriteString(Mark(d.Marker) + "\n### " + text(d.Headline()) + "\n\n")
	if d.Failure != nil {
		d.failure(&b)
	} else {
		b.WriteString(d.Lead() + "\n\n")
		d.table(&b)
		d.history(&b)
	}
	d.changed(&b)
	d.pictures(&b, false)
	d.folded(&b)
	d.foot(&b)
	return b.String()
}

func (d *Document) failure(b *strings.Builder) {
	fence := "```"
	for strings.Contains(d.Failure.Tail, fence) {
		fence += "`"
	}
	lines := strings.Count(strings.TrimRight(d.Failure.Tail, "\n"), "\n") + 1
	fmt.Fprintf(b, "<details open><summary>Last %d lines</summary>\n\n%s\n%s\n%s\n\n</details>\n\n",
		lines, fence, strings.TrimRight(d.Failure.Tail, "\n"), fence)
}

func (d *Document) table(b *strings.Builder) {
	d.tableHead(b)
	d.rows(b, d.Table.Metrics, d.prominent)
}

func (d *Document) tableHead(b *strings.Builder) {
	if d.Table.HasBaseline {
		fmt.Fprintf(b, "| metric | baseline %s | this change %s | difference | |\n|:--|--:|--:|--:|:--|\n", code(short(d.Base)), code(short(d.Head)))
	} else {
		fmt.Fprintf(b, "| metric | this change %s |\n|:--|--:|\n", code(short(d.Head)))
	}
}

// maxRows is how many metrics stand in the table without being asked for.
const maxRows = 6

// prominent reports a metric that is not folded away: one that the project
// named, or any where there are few.
func (d *Document) prominent(m compare.Metric) bool {
	return m.Decides || !m.Guessed && m.Goal != compare.NoGoal || len(d.Table.Metrics) <= maxRows
}

func (d *Document) rows(b *strings.Builder, all []compare.Metric, show func(compare.Metric) bool) {
	for _, m := range all {
		if !show(m) {
			continue
		}
		name, candidate := cell(m.Name), value(m, m.Candidate)
		if m.Decides {
			name, candidate = "**"+name+"**", "**"+candidate+"**"
		}
		if !d.Table.HasBaseline {
			fmt.Fprintf(b, "| %s | %s |\n", name, candidate)
			continue
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", name, value(m, m.Baseline), candidate, difference(m), remark(m))
	}
	b.WriteString("\n")
}

func difference(m compare.Metric) string {
	if m.Difference == nil {
		return "–"
	}
	s := m.Unit.Change(m.Difference.Float())
	if m.Low != nil && m.High != nil {
		s += " (" + strings.NewReplacer("between ", "", " and ", " … ", " points", "").Replace(m.Unit.Between(m.Low.Float(), m.High.Float())) + ")"
	}
	return s
}

// remark is the last column: the word, or which way the number went.
func remark(m compare.Metric) string {
	switch m.Word {
	case compare.Better:
		return "▲ better"
	case compare.Worse:
		return "▼ worse"
	case compare.Same:
		return "● same"
	case compare.Unknown:
		return "? cannot tell"
	}
	if m.Difference == nil || m.Difference.Float() == 0 {
		return ""
	}
	way := "away from its goal"
	switch {
	case m.Goal == compare.NoGoal:
		return "– one number a side"
	case (m.Difference.Float() > 0) == (m.Goal == compare.Max):
		way = "towards its goal"
	}
	if m.Guessed {
		way += " (guessed)"
	}
	return "– " + way + ", one number a side"
}

func (d *Document) history(b *strings.Builder) {
	m, ok := d.lead()
	if !ok {
		return
	}
	for _, h := range d.Table.History {
		if h.Metric != m.Name || h.Count == 0 || h.Mean == nil {
			continue
		}
		runs := fmt.Sprintf("The %d earlier runs of this project average", h.Count)
		if h.Count == 1 {
			runs = "The one earlier run of this project reached"
		}
		fmt.Fprintf(b, "%s %s", runs, m.Unit.Value(h.Mean.Float()))
		if h.Best != nil && h.Count > 1 {
			fmt.Fprintf(b, ", best %s", m.Unit.Value(h.Best.Float()))
		}
		if h.BestSoFar {
			b.WriteString(": this is the best so far")
		}
		b.WriteString(".\n\n")
	}
}

func (d *Document) changed(b *strings.Builder) {
	var parts []string
	for i, p := range d.Params {
		if i == 6 {
			parts = append(parts, fmt.Sprintf("%d more parameters", len(d.Params)-i))
			break
		}
		parts = append(parts, code(p.Path+": "+orDash(p.Old)+" → "+orDash(p.New))+" in "+cell(p.File))
	}
	if n := len(d.Code); n > 0 {
		parts = append(parts, fmt.Sprintf("%d file%s of code", n, plural(n)))
	}
	if n := len(d.Data); n > 0 {
		parts = append(parts, fmt.Sprintf("data: %s", code(strings.Join(d.Data[:min(n, 3)], ", "))))
	}
	if len(parts) == 0 {
		return
	}
	s := strings.Join(parts, "; ")
	if len(d.Data) == 0 {
		s += "; data unchanged"
	}
	fmt.Fprintf(b, "**What changed**: %s.\n\n", s)
}

func (d *Document) pictures(b *strings.Builder, folded bool) {
	for _, p := range d.Pictures {
		if p.Folded == folded {
			fmt.Fprintf(b, "![%s](%s)\n\n", strings.NewReplacer("[", "(", "]", ")", "\n", " ").Replace(p.Alt), p.Path)
		}
	}
}

// folded is everything that only some readers want.
func (d *Document) folded(b *strings.Builder) {
	t := d.Table
	if t == nil {
		return
	}
	fmt.Fprint(b, "<details><summary>All metrics, confusion matrix, changed answers, gates, methods</summary>\n\n")
	if slices.ContainsFunc(t.Metrics, func(m compare.Metric) bool { return !d.prominent(m) }) {
		d.tableHead(b)
		d.rows(b, t.Metrics, func(m compare.Metric) bool { return !d.prominent(m) })
	}
	d.pictures(b, true)
	flips(b, "Newly wrong", t.NewlyWrong)
	flips(b, "Newly right", t.NewlyRight)
	for _, g := range t.Gates {
		fmt.Fprintf(b, "- gate %s: %s%s\n", code(g.Sentence), g.Status, reason(g.Reason))
	}
	for _, w := range t.Warnings {
		fmt.Fprintf(b, "- note: %s\n", text(w.Text))
	}
	for _, n := range d.Notes {
		fmt.Fprintf(b, "- note: %s\n", text(n))
	}
	for _, m := range t.Methods {
		fmt.Fprintf(b, "- method: %s (%s)\n", text(m.Text), text(m.Source))
	}
	if t.Examples != nil && t.Examples.CandidateDigest != "" {
		fmt.Fprintf(b, "- test set: %s examples, digest %s\n", grouped(t.Examples.Counts.N()), code(short(t.Examples.CandidateDigest)))
	}
	if len(d.Files) > fewFiles {
		for _, f := range d.Files[:min(len(d.Files), 50)] {
			fmt.Fprintf(b, "- file %s %s\n", cell(f.Path), code("sha256:"+f.SHA256))
		}
	}
	b.WriteString("\n</details>\n\n")
}

func reason(s string) string {
	if s == "" {
		return ""
	}
	return ": " + text(s)
}

func flips(b *strings.Builder, title string, list []compare.Flip) {
	if len(list) == 0 {
		return
	}
	var parts []string
	for i, f := range list {
		if i == 12 {
			parts = append(parts, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%s is %s: %s → %s", code(f.ID), code(f.Label), code(f.Baseline), code(f.Candidate)))
	}
	fmt.Fprintf(b, "- %s (%d): %s\n", title, len(list), strings.Join(parts, "; "))
}

func (d *Document) foot(b *strings.Builder) {
	var parts []string
	if d.RunURL != "" {
		parts = append(parts, "[Run]("+d.RunURL+")")
	}
	if d.Page != "" {
		parts = append(parts, "[All runs of this change]("+d.Page+")")
	}
	if s := d.bytes(); s != "" {
		parts = append(parts, s+" (approving this change approves these bytes)")
	}
	if d.BaseHow != "" {
		parts = append(parts, "baseline: "+text(d.BaseHow))
	}
	parts = append(parts, fmt.Sprintf("updated %s for %s", d.Updated.Format("15:04"), code(short(d.Head))))
	b.WriteString(strings.Join(parts, " · ") + "\n")
}

// bytes names the model's files by digest: one by one where they are few, else
// by the digest of their list, which is in the folded part.
func (d *Document) bytes() string {
	var each []string
	for _, f := range d.Files {
		each = append(each, cell(f.Path)+" "+code("sha256:"+short(f.SHA256)+"…"))
	}
	if len(each) > fewFiles {
		return fmt.Sprintf("%d files of the model %s", len(each), code(shortDigest(d.FilesDigest)))
	}
	return strings.Join(each, ", ")
}

// shortDigest keeps the algorithm and eight digits.
func shortDigest(s string) string {
	algorithm, sum, _ := strings.Cut(s, ":")
	return algorithm + ":" + short(sum) + "…"
}

// fewFiles is how many files the last line names one by one.
const fewFiles = 2

func short(s string) string { return s[:min(len(s), 8)] }

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// code sets a name from outside as inline code: nothing in it is Markdown.
func code(s string) string {
	s = strings.NewReplacer("\n", " ", "\r", " ", "|", "¦").Replace(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	if s == "" {
		return "–"
	}
	return fence + s + fence
}

// text escapes what Markdown or HTML would make of a text from outside.
func text(s string) string {
	return strings.NewReplacer("\n", " ", "\\", "\\\\", "<", "&lt;", ">", "&gt;", "*", "\\*", "_", "\\_", "`", "\\`",
		"[", "\\[", "]", "\\]", "|", "\\|", "#", "\\#", "@", "@\u200b").Replace(s)
}

func cell(s string) string { return text(s) }
