package dam

import (
	"os"
	"path/filepath"
	"syscall"
)

// GiveToFolder changes the owner of a file that this process made to the owner of its folder. Without it a server could
// not read the files that a command run by root leaves in its data folder. It does nothing if the process isn't root's
// or the folder is.
func GiveToFolder(path string) error {
	var st syscall.Stat_t
	if os.Geteuid() != 0 || syscall.Stat(filepath.Dir(path), &st) != nil || st.Uid == 0 {
		return nil
	}
	return os.Lchown(path, int(st.Uid), int(st.Gid))
}
