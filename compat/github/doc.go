// Package github holds the driver of GitHub and the double that it is tested
// with against GitHub's own description of its API (OpenAPI, as published in the
// npm package @octokit/openapi: github.com and the newest Enterprise Server):
// forgetest's suite runs once more, and every request of the driver and every
// answer of the double is checked. It needs Node with npm:
//
//	go test -tags compat ./compat/github/
//
// What it cannot show is whether GitHub behaves as the double does.
package github
