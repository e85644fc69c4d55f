package fault

// Exit codes of Assay's own commands; docs/exit-codes.md is the same table.
// `assay run` passes on the code of the command that it ran.
const (
	ExitOK          = 0   // done, gate passed
	ExitFailed      = 1   // a rule was broken: gate or verification failed
	ExitUndecided   = 2   // undecided, where the configuration makes that fail
	ExitCannot      = 3   // could not run: file missing, server not reached, refused
	ExitUsage       = 64  // wrong usage
	ExitMissing     = 69  // a needed program is missing
	ExitInterrupted = 130 // interrupted
)

// Exit maps an error to the exit code of a command.
func Exit(err error) int {
	switch CodeOf(err) {
	case "":
		return ExitOK
	case Failed:
		return ExitFailed
	case Undecided:
		return ExitUndecided
	case Usage:
		return ExitUsage
	case Missing:
		return ExitMissing
	case Interrupted:
		return ExitInterrupted
	default:
		return ExitCannot
	}
}
