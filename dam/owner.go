package dam

import (
	"os"
	"path/filepath"
	"syscall"
)

// GiveToFolder hands a file that this process has made to the owner of the folder it is in: what a command that root
// runs leaves in a server's data folder is the server's, which could not read it otherwise. For everybody but root, and
// in root's own folders, there is nothing to do.
func GiveToFolder(path string) error {
	var st syscall.Stat_t
	if os.Geteuid() != 0 || syscall.Stat(filepath.Dir(path), &st) != nil || st.Uid == 0 {
		return nil
	}
	return os.Lchown(path, int(st.Uid), int(st.Gid))
}
