package catalog

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// fileIdentity returns a file's inode and birth time, which differ in a copy and in a file that replaces it. It returns
// "" on file systems without birth times: an inode alone is soon reused for another file.
func fileIdentity(path string) (string, error) {
	var s unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_INO|unix.STATX_BTIME, &s); err != nil {
		return "", fmt.Errorf("database file: %w", err)
	}
	if s.Mask&unix.STATX_INO == 0 || s.Mask&unix.STATX_BTIME == 0 || s.Btime.Sec == 0 {
		return "", nil
	}
	return fmt.Sprintf("%d/%d.%09d", s.Ino, s.Btime.Sec, s.Btime.Nsec), nil
}
