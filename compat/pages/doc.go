// Package pages drives and photographs every page that people see in a real
// browser: the server's pages with a thousand runs behind them, the small
// forge of the demo and its drawing page, dark and light, at 1,440 × 900 and
// 390 × 844. It needs Git, Node with npm, and Chromium, named by ASSAY_CHROMIUM
// or on the PATH:
//
//	go test -tags compat ./compat/pages/
//
// The Go part starts the programs and fills them through their public doors;
// the specs in tests drive them with Playwright. Photographs are written to
// ASSAY_PAGES_OUT (default: a temporary folder, which is named). To run one
// spec while writing it:
//
//	ASSAY_PAGES_ARGS='live.spec.ts --project drive' go test -tags compat ./compat/pages/
package pages
