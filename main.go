// Command assay is continuous machine learning inside the Git workflow: see
// README.md. This file only hands over to package cli.
package main

import (
	"os"

	"github.com/assay-ml/assay/cli"
)

func main() {
	os.Exit(cli.Main(os.Args, os.Stdin, os.Stdout, os.Stderr))
}
