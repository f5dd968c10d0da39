//go:build amd64 || arm64

package sandbox

import (
	"encoding/binary"
	"os"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// allows runs a filter as the kernel would, on one system call.
func (f filter) allows(t *testing.T, number uint32, arguments ...uint32) bool {
	t.Helper()
	raw, err := f.assemble()
	if err != nil {
		t.Fatal(err)
	}
	program, all := bpf.Disassemble(raw)
	if !all {
		t.Fatal("the filter has instructions that are not known")
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	// The machine of the package loads words the way a network writes them; a filter looks at the lower halves of
	// arguments only.
	data := make([]byte, argumentsAt+8*6)
	binary.BigEndian.PutUint32(data[numberAt:], number)
	binary.BigEndian.PutUint32(data[machineAt:], machine)
	for i, a := range arguments {
		binary.BigEndian.PutUint32(data[argumentsAt+8*i:], a)
	}
	answer, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(answer) == unix.SECCOMP_RET_ALLOW //nolint:gosec // 32 bits
}

// Outside of namespaces the filter itself keeps a process from signalling others: not every kernel's Landlock does.
func TestNoSignalsToOthers(t *testing.T) {
	self, server := uint32(os.Getpid()), uint32(os.Getppid()) //nolint:gosec // process ids
	for name, f := range map[string]filter{"program": programFilter(false), "worker": workerFilter()} {
		if !f.allows(t, unix.SYS_TGKILL, self, self, uint32(unix.SIGABRT)) {
			t.Errorf("a %s can't abort", name)
		}
		for _, flags := range []uint32{unix.F_DUPFD, unix.F_SETFD, unix.F_SETFL, unix.F_SETLKW, unix.F_DUPFD_CLOEXEC,
			unix.F_ADD_SEALS} {
			if !f.allows(t, unix.SYS_FCNTL, 3, flags) {
				t.Errorf("a %s can't call fcntl %d", name, flags)
			}
		}
		for _, kill := range [][]uint32{
			{unix.SYS_TGKILL, server, server, uint32(unix.SIGKILL)}, {unix.SYS_TKILL, server, uint32(unix.SIGKILL)},
			{unix.SYS_KILL, server, uint32(unix.SIGKILL)}, {unix.SYS_RT_SIGQUEUEINFO, server, uint32(unix.SIGKILL)},
			{unix.SYS_RT_TGSIGQUEUEINFO, server, server},
			{unix.SYS_FCNTL, 3, unix.F_SETOWN, server}, {unix.SYS_FCNTL, 3, unix.F_SETOWN_EX},
			{unix.SYS_FCNTL, 3, unix.F_SETSIG, uint32(unix.SIGKILL)},
			{unix.SYS_PIDFD_SEND_SIGNAL, 3, uint32(unix.SIGKILL)},
		} {
			if f.allows(t, kill[0], kill[1:]...) {
				t.Errorf("a %s may call %d with %v", name, kill[0], kill[1:])
			}
		}
	}
	if !programFilter(true).allows(t, unix.SYS_TGKILL, 7, 7, uint32(unix.SIGTERM)) {
		t.Error("a program with processes of its own can't signal them")
	}
}
