package sqlstore

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/assay-ml/assay/fault"
)

// explain turns an error of the engine into a fault for people. Faults and
// ends of contexts pass as they are.
func (s *Store) explain(err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	folder := filepath.Dir(s.opt.Path)
	full := func() error {
		return fault.New(fault.Unavailable, "the disk that holds %s is full: %w", folder, err).
			WithHint("Free some space; nothing that was acknowledged is lost, and the server goes on.")
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return full()
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fault.New(fault.Internal, "the database failed: %w", err)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return full()
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fault.New(fault.Unavailable, "the database %s cannot be written to: %w", s.opt.Path, err).
			WithHint("Make the file and its folder writable for the user that runs the server.")
	case sqlite3.SQLITE_CANTOPEN:
		return fault.New(fault.Unavailable, "the database %s cannot be opened: %w", s.opt.Path, err).
			WithHint("Look at the permissions of %s.", folder)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fault.New(fault.Unavailable, "%s is damaged or no database: %w", s.opt.Path, err).
			WithHint("Restore a backup.")
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault.New(fault.Unavailable, "the database %s is held by another program: %w", s.opt.Path, err).
			WithHint("Close the SQL shell or the backup that holds it.")
	case sqlite3.SQLITE_IOERR:
		return fault.New(fault.Unavailable, "reading or writing %s failed: %w", s.opt.Path, err).
			WithHint("Look at the health of the disk and at the kernel's log.")
	}
	return fault.New(fault.Internal, "the database failed: %w", err)
}
