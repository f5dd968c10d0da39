// Package remote holds the commands that speak to a running server: what the portal does, for scripts and people at a
// terminal.
package remote

import "github.com/spf13/cobra"

// Commands are the commands of this package.
func Commands() []*cobra.Command {
	return []*cobra.Command{
		importCommand(), metadataCommand(), channelCommand(), publishCommand(), draftCommand(), recallCommand(),
		reinstateCommand(),
		campaignCommand(), seriesCommand(), liveCommand(), bulkCommand(), exportCommand(),
		synonymsCommand(), vocabularyCommand(), productsCommand(), lookupCommand(), duplicatesCommand(),
		presetCommand(), collectionCommand(), renditionsCommand(), reprocessCommand(), downloadCommand(),
		sidecarCommand(), holdCommand(),
		licenceCommand(), consentCommand(), relationCommand(),
	}
}
