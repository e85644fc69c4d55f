package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/assay-ml/assay/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// appID marks our files in SQLite's header: "Assa".
const appID = 0x41737361

// migrate brings the schema up to date. Migrations are numbered from 1 in the
// order of their file names and go forwards only; user_version says how many
// have been applied.
func migrate(ctx context.Context, conn *sql.Conn, path string) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var version, app, tables int
	err = conn.QueryRowContext(ctx, "SELECT u.user_version, a.application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version u, pragma_application_id a").
		Scan(&version, &app, &tables)
	if err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if tables > 0 && app != appID {
		return fault.New(fault.Conflict, "%s is a database of another program", path).
			WithHint("Name another file; databases of MLflow are read by the importer, not opened.")
	}
	if version > len(files) {
		return fault.New(fault.Conflict, "the database %s was written by a newer version of assay (schema %d, this one knows %d)", path, version, len(files)).
			WithHint("Run the newer version, or restore a backup from before the upgrade.")
	}
	for i := version; i < len(files); i++ {
		if err := apply(ctx, conn, files[i], i+1); err != nil {
			return fmt.Errorf("migrating to schema %d: %w", i+1, err)
		}
	}
	return nil
}

func apply(ctx context.Context, conn *sql.Conn, file string, version int) error {
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit this does nothing
	mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", appID, version)
	for _, q := range []string{string(text), mark} {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return tx.Commit()
}
