// Package local holds the commands that work on the data folder: people and fields, backups, damage, settings.
package local

import "github.com/spf13/cobra"

// Commands are the commands of this package.
func Commands() []*cobra.Command {
	return []*cobra.Command{
		configCommand(), tokenCommand(), userCommand(), roleCommand(), groupCommand(), libraryCommand(),
		fieldCommand(), verifyCommand(),
		repairCommand(), reindexCommand(), storageCommand(), eraseCommand(), migrateCommand(),
		backupCommand(), restoreCommand(), doctorCommand(), secretsCommand(), healthCommand(),
		signCommand(),
	}
}
