package cml

import (
	"cmp"
	"strings"
)

// picture is the address that marks a comment of CML's; nothing asks for it.
const picture = "https://cml.dev/watermark.png"

// watermark is the hidden mark at the end of a comment, by which it is found
// again.
type watermark struct{ title, commit string }

// newWatermark makes the mark for a label, in which {workflow} and {run} stand
// for those of the job, each once.
func newWatermark(label, workflow, run, commit string) watermark {
	for _, p := range [][2]string{{"{workflow}", workflow}, {"{run}", run}} {
		value := cmp.Or(p[1], "undefined") // so CML writes it, and so its older comments are found
		label = strings.Replace(label, p[0], value, 1)
	}
	title := strings.TrimSpace("CML watermark " + label)
	return watermark{strings.NewReplacer(`_`, `\_`, `*`, `\*`, `[`, `\[`, `<`, `\<`).Replace(title), commit}
}

func (w watermark) String() string {
	address := picture
	if w.commit != "" {
		address += "#" + w.commit
	}
	return "![](" + address + ` "` + w.title + `")`
}

// in says whether a comment has this mark, whatever its commit.
func (w watermark) in(body string) bool {
	for {
		_, rest, found := strings.Cut(body, "![]("+picture+"#")
		if !found {
			return false
		}
		after := strings.TrimLeft(rest, "0123456789abcdefABCDEF")
		if len(after) < len(rest) && strings.HasPrefix(after, ` "`+w.title+`")`) {
			return true
		}
		body = rest
	}
}

// watermark makes the mark of this job.
func (p *place) watermark(label, commit string) watermark {
	e := p.s.env.Getenv
	workflow, run := e("GITHUB_WORKFLOW"), e("GITHUB_RUN_ID")
	if e("CI_PIPELINE_ID") != "" {
		workflow, run = e("CI_PIPELINE_ID"), e("CI_JOB_ID")
	}
	return newWatermark(label, workflow, run, commit)
}
