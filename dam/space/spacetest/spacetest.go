// Package spacetest gives tests real file systems that can be full or read-only.
// They are mounted in a mount namespace of their own, so nothing of them is left,
// whatever becomes of the test.
package spacetest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

const inside = "VITRINE_TEST_MOUNTS"

// Namespace runs the calling test again in a process that may mount, and reports
// whether this is that process: a test begins with
//
//	if !spacetest.Namespace(t) {
//		return
//	}
//
// Without root a user namespace lends the right to mount.
func Namespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inside) == t.Name() {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
	cmd.Env = append(os.Environ(), inside+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("in its own mount namespace: %v\n%s", err, out)
	}
	t.Logf("%s", out)
	return false
}

// Mount gives an empty file system of so many bytes.
func Mount(t *testing.T, size int64) (dir string) {
	t.Helper()
	dir = t.TempDir()
	// What is mounted here must not be seen outside.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal("private mounts: ", err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", size)); err != nil {
		t.Fatal("mounting a file system: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error("unmounting: ", err)
		}
	})
	return dir
}

// ReadOnly makes a mounted file system read-only, or writable again.
func ReadOnly(t *testing.T, dir string, on bool) {
	t.Helper()
	flags := uintptr(syscall.MS_REMOUNT)
	if on {
		flags |= syscall.MS_RDONLY
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, ""); err != nil {
		t.Fatal("remounting: ", err)
	}
}

// Fill takes all that is left of dir's file system; Free gives it back.
func Fill(t *testing.T, dir string) {
	t.Helper()
	FillBut(t, dir, 0)
}

// FillBut leaves so many bytes, which the file system rounds to its blocks.
func FillBut(t *testing.T, dir string, left int64) {
	t.Helper()
	f, err := os.OpenFile(ballast(dir), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for block := make([]byte, 1<<20); len(block) > 0; {
		_, err := f.Write(block)
		if errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
	info, err := f.Stat()
	if err == nil {
		err = f.Truncate(max(0, info.Size()-left))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Free removes what Fill wrote.
func Free(t *testing.T, dir string) {
	t.Helper()
	if err := os.Remove(ballast(dir)); err != nil {
		t.Fatal(err)
	}
}

func ballast(dir string) string { return filepath.Join(dir, ".ballast") }
