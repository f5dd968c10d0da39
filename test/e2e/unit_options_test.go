package e2e

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// calls are the system calls of this machine by name, of the package that has them as constants.
var calls = sync.OnceValues(func() (map[string]uint32, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "unix", "zsysnum_linux_"+runtime.GOARCH+".go"))
	if err != nil {
		return nil, err
	}
	out := map[string]uint32{}
	for _, m := range regexp.MustCompile(`(?m)^\s+SYS_(\w+)\s+= (\d+)`).FindAllStringSubmatch(string(b), -1) {
		n, err := strconv.ParseUint(m[2], 10, 32)
		if err != nil {
			return nil, err
		}
		out[strings.ToLower(m[1])] = uint32(n)
	}
	return out, nil
})

// sets are systemd's sets of system calls, by what it says itself.
var sets = sync.OnceValues(func() (map[string][]string, error) {
	b, err := exec.Command("systemd-analyze", "--no-pager", "syscall-filter").Output()
	if err != nil {
		return nil, err
	}
	out, set := map[string][]string{}, ""
	for line := range strings.Lines(string(b)) {
		name := strings.TrimSpace(line)
		switch {
		case name == "" || strings.HasPrefix(name, "#"):
		case strings.HasPrefix(line, "@"):
			set = name
		default:
			out[set] = append(out[set], name)
		}
	}
	return out, nil
})

// expand adds the calls of a name or a set, those that this machine has.
func expand(into map[uint32]bool, name string) error {
	byName, err := calls()
	if err != nil {
		return err
	}
	all, err := sets()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(name, "@") {
		if n, ok := byName[name]; ok {
			into[n] = true
			return nil
		}
		return fmt.Errorf("there is no system call %s", name)
	}
	if len(all[name]) == 0 {
		return fmt.Errorf("systemd has no set %s", name)
	}
	for _, member := range all[name] {
		if n, ok := byName[member]; ok {
			into[n] = true
		} else if strings.HasPrefix(member, "@") {
			if err := expand(into, member); err != nil {
				return err
			}
		} // else a call of other machines
	}
	return nil
}

// service is a unit on its way to a confinement.
type service struct {
	confinement
	dir      string // of the test's files: bin, data, config, scratch
	writable []string
	hidden   []step
	proc     []string // mount options
	allowed  map[uint32]bool
	errno    unix.Errno
	rules    []rule // that forbid something
	rulesets [][]rule
}

// forbid lets calls fail with EPERM.
func (s *service) forbid(names ...string) error {
	for _, name := range names {
		of := map[uint32]bool{}
		if err := expand(of, name); err != nil {
			return err
		}
		for n := range of {
			s.rules = append(s.rules, rule{call: n, then: refuse(unix.EPERM)})
		}
	}
	return nil
}

func (s *service) hide(paths ...string) {
	for _, p := range paths {
		s.hidden = append(s.hidden, step{Do: "inaccessible", To: p, Optional: true})
	}
}

func (s *service) protect(paths ...string) {
	for _, p := range paths {
		s.hidden = append(s.hidden, step{Do: "read-only", To: p, Optional: true})
	}
}

// only is an option that is tried with one value.
func only(want string, f func(s *service) error) func(*service, string) error {
	return func(s *service, got string) error {
		if got != want {
			return fmt.Errorf("%q is not tried here, %q is", got, want)
		}
		if f == nil {
			return nil
		}
		return f(s)
	}
}

func anything(*service, string) error { return nil }

// options are all that may be in the unit's [Service], each with what systemd makes of it (systemd.exec(5) and its
// source).
var options = map[string]func(s *service, value string) error{
	// When it starts and ends.
	"Restart": anything, "RestartSec": anything, "TimeoutStartSec": anything, "TimeoutStopSec": anything,
	"KillMode": anything, "RemoveIPC": anything,

	"Type": only("notify", nil),
	"ExecStart": func(s *service, v string) error {
		s.Command = strings.Fields(v)
		dir := filepath.Dir(s.Command[0])
		s.Places = append(s.Places, step{Do: "overlay", From: s.dir + "/scratch", To: dir},
			step{Do: "file", To: s.Command[0], Mode: 0o755},
			step{Do: "bind", From: s.dir + "/bin", To: s.Command[0]})
		return nil
	},
	"Environment": func(s *service, v string) error { s.Env = append(s.Env, strings.Fields(v)...); return nil },
	"EnvironmentFile": only("-/etc/vitrine/environment", func(s *service) error {
		b, err := os.ReadFile(s.dir + "/config/environment")
		s.Env = append(s.Env, strings.Fields(string(b))...)
		return err
	}),
	"LimitNOFILE": func(s *service, v string) (err error) { s.Files, err = strconv.ParseUint(v, 10, 64); return err },
	"UMask": func(s *service, v string) error {
		n, err := strconv.ParseUint(v, 8, 12)
		s.Umask = int(n)
		return err
	},
	// One of the range that systemd takes for them. It includes some of the options below, which the unit names.
	"DynamicUser": only("yes", func(s *service) error { s.User = 61234; return nil }),
	"User": func(s *service, v string) error {
		s.Env = append(s.Env, "USER="+v, "LOGNAME="+v, "HOME=/")
		return nil
	},
	"StateDirectory": func(s *service, v string) error { // as it is for a dynamic user
		private := "/var/lib/private/" + v
		s.Places = append(s.Places, step{Do: "tmpfs", To: "/var/lib", Mode: 0o755},
			step{Do: "folder", To: "/var/lib/private", Mode: 0o700},
			step{Do: "symlink", From: "private/" + v, To: "/var/lib/" + v}, step{Do: "tmpfs", To: "/var/lib/private",
				Mode: 0o755},
			step{Do: "folder", To: private, Mode: 0o755}, step{Do: "bind", From: s.dir + "/data", To: private})
		s.writable = append(s.writable, private)
		s.Env = append(s.Env, "STATE_DIRECTORY=/var/lib/"+v)
		return nil
	},
	"StateDirectoryMode": func(s *service, v string) error {
		n, err := strconv.ParseUint(v, 8, 12)
		if err != nil {
			return err
		}
		return os.Chmod(s.dir+"/data", os.FileMode(n))
	},
	"ConfigurationDirectory": func(s *service, v string) error {
		dir := "/etc/" + v
		s.Places = append(s.Places, step{Do: "overlay", From: s.dir + "/scratch", To: "/etc"},
			step{Do: "folder", To: dir, Mode: 0o755}, step{Do: "bind", From: s.dir + "/config", To: dir})
		s.Env = append(s.Env, "CONFIGURATION_DIRECTORY="+dir)
		return nil
	},

	"NoNewPrivileges":       only("yes", func(s *service) error { s.NoNewPrivs = true; return nil }),
	"CapabilityBoundingSet": only("", nil),
	"AmbientCapabilities":   only("", nil),
	"ProtectSystem": only("strict", func(s *service) error {
		s.Closed = append([]step{{Do: "all read-only", To: "/"}}, s.Closed...)
		s.writable = append(s.writable, "/dev", "/proc", "/sys")
		return nil
	}),
	"ProtectHome":  only("yes", func(s *service) error { s.hide("/home", "/root", "/run/user"); return nil }),
	"ProtectClock": only("yes", func(s *service) error { return s.forbid("@clock") }),
	"ProtectControlGroups": only("yes", func(s *service) error {
		s.protect("/sys/fs/cgroup")
		return nil
	}),
	"ProtectHostname": only("yes", func(s *service) error {
		s.Namespaces |= unix.CLONE_NEWUTS
		return s.forbid("sethostname", "setdomainname")
	}),
	"ProtectKernelLogs": only("yes", func(s *service) error {
		s.hide("/proc/kmsg", "/dev/kmsg")
		return s.forbid("syslog")
	}),
	"ProtectKernelModules": only("yes", func(s *service) error {
		s.hide("/usr/lib/modules")
		return s.forbid("@module")
	}),
	"ProtectKernelTunables": only("yes", func(s *service) error {
		s.protect("/proc/acpi", "/proc/apm", "/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq",
			"/proc/latency_stats", "/proc/mtrr", "/proc/scsi",
			"/proc/sys", "/proc/sysrq-trigger", "/proc/timer_stats", "/sys")
		s.hide("/proc/kallsyms", "/proc/kcore")
		return nil
	}),
	"ProtectProc": func(s *service, v string) error { s.proc = append(s.proc, "hidepid="+v); return nil },
	"ProcSubset":  func(s *service, v string) error { s.proc = append(s.proc, "subset="+v); return nil },
	"PrivateDevices": only("yes", func(s *service) error {
		s.Mounts = append(s.Mounts, step{Do: "devices", To: "/dev"})
		return s.forbid("@raw-io")
	}),
	"PrivateTmp": only("yes", func(s *service) error {
		s.Mounts = append(s.Mounts, step{Do: "tmpfs", To: "/tmp", Mode: 0o1777},
			step{Do: "tmpfs", To: "/var/tmp", Mode: 0o1777})
		s.writable = append(s.writable, "/tmp", "/var/tmp")
		return nil
	}),
	"RestrictAddressFamilies": func(s *service, v string) error {
		var list []rule
		for _, name := range strings.Fields(v) {
			family, ok := map[string]uint32{"AF_INET": unix.AF_INET, "AF_INET6": unix.AF_INET6,
				"AF_UNIX": unix.AF_UNIX}[name]
			if !ok {
				return fmt.Errorf("%s is not tried here", name)
			}
			list = append(list, rule{unix.SYS_SOCKET, []fits{is(0, family)}, allow})
		}
		s.rulesets = append(s.rulesets, append(list, rule{call: unix.SYS_SOCKET, then: refuse(unix.EAFNOSUPPORT)}))
		return nil
	},
	"RestrictNamespaces": only("yes", func(s *service) error {
		s.rulesets = append(s.rulesets, noNamespaces())
		return nil
	}),
	"RestrictRealtime": only("yes", func(s *service) error {
		var list []rule
		for _, policy := range []uint32{unix.SCHED_NORMAL, unix.SCHED_BATCH, unix.SCHED_IDLE} {
			list = append(list, rule{unix.SYS_SCHED_SETSCHEDULER, []fits{is(1, policy)}, allow})
		}
		s.rulesets = append(s.rulesets, append(list, rule{call: unix.SYS_SCHED_SETSCHEDULER, then: refuse(unix.EPERM)}))
		return nil
	}),
	"RestrictSUIDSGID": only("yes", func(s *service) error {
		byName, err := calls()
		if err != nil {
			return err
		}
		for name, mode := range map[string]uint32{"chmod": 1, "fchmod": 1, "fchmodat": 2, "mkdir": 1, "mkdirat": 2,
			"mknod": 1, "mknodat": 2, "creat": 1} {
			if n, ok := byName[name]; ok {
				s.rules = append(s.rules, rule{n, []fits{has(mode, unix.S_ISUID|unix.S_ISGID)}, refuse(unix.EPERM)})
			}
		}
		for name, flags := range map[string]uint32{"open": 1, "openat": 2} {
			if n, ok := byName[name]; ok {
				s.rules = append(s.rules,
					rule{n, []fits{has(flags, unix.O_CREAT), has(flags+1, unix.S_ISUID|unix.S_ISGID)},
						refuse(unix.EPERM)})
			}
		}
		s.rules = append(s.rules, rule{call: unix.SYS_OPENAT2, then: refuse(unix.ENOSYS)})
		return nil
	}),
	"LockPersonality": only("yes", func(s *service) error {
		s.rules = append(s.rules, rule{unix.SYS_PERSONALITY, []fits{{mask: ^uint32(0), unequal: true}},
			refuse(unix.EPERM)})
		return nil
	}),
	"SystemCallArchitectures": only("native", nil), // every filter below does it
	// A first list of what is allowed, and then lists of what is not after all.
	"SystemCallFilter": func(s *service, v string) error {
		names, not := strings.CutPrefix(v, "~")
		if s.allowed == nil {
			if not {
				return fmt.Errorf("a list of what is forbidden is not tried here")
			}
			s.allowed = map[uint32]bool{}
			if err := expand(s.allowed, "@default"); err != nil {
				return err
			}
		}
		listed := map[uint32]bool{}
		for _, name := range strings.Fields(names) {
			if err := expand(listed, name); err != nil {
				return err
			}
		}
		for n := range listed {
			if not {
				delete(s.allowed, n)
			} else {
				s.allowed[n] = true
			}
		}
		return nil
	},
	"SystemCallErrorNumber": only("EPERM", func(s *service) error { s.errno = unix.EPERM; return nil }),
}

// noNamespaces forbids new namespaces; clone3, whose flags no filter sees, is said not to be there.
func noNamespaces() []rule {
	const all = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER |
		unix.CLONE_NEWPID | unix.CLONE_NEWNET
	return []rule{
		{unix.SYS_CLONE, []fits{has(0, all)}, refuse(unix.EPERM)}, {unix.SYS_UNSHARE, []fits{has(0, all)},
			refuse(unix.EPERM)},
		{call: unix.SYS_SETNS, then: refuse(unix.EPERM)}, {call: unix.SYS_CLONE3, then: refuse(unix.ENOSYS)},
	}
}

// outside are the sections and options that do nothing to the process.
var outside = map[string][]string{"Unit": {"Description", "After", "Wants"}, "Install": {"WantedBy"}}

// unit makes what systemd would of a unit's text. An option that it does not know is an error: it would not be tried.
func unit(dir, text string) (confinement, error) {
	s := &service{dir: dir}
	s.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG=C.UTF-8"}
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if slices.Contains(outside[section], key) {
			continue
		}
		option := options[key]
		if section != "Service" || option == nil {
			return confinement{}, fmt.Errorf("%s= in [%s]: this test does not know what it does", key, section)
		}
		if err := option(s, strings.TrimSpace(value)); err != nil {
			return confinement{}, fmt.Errorf("%s: %w", line, err)
		}
	}
	if s.proc != nil {
		s.Mounts = append(s.Mounts, step{Do: "proc", From: strings.Join(s.proc, ","), To: "/proc"})
	}
	for _, path := range s.writable {
		s.Closed = append(s.Closed, step{Do: "writable", To: path})
	}
	s.Closed = append(s.Closed, s.hidden...)
	for _, list := range append(s.rulesets, s.rules) {
		if err := s.load(list, allow); err != nil {
			return confinement{}, err
		}
	}
	if s.allowed != nil {
		// What systemd knows and the unit does not allow fails as the unit says; what it does not know is missing.
		var list []rule
		known := map[uint32]bool{}
		if err := expand(known, "@known"); err != nil {
			return confinement{}, err
		}
		for _, n := range slices.Sorted(maps.Keys(s.allowed)) {
			list = append(list, rule{call: n, then: allow})
		}
		for _, n := range slices.Sorted(maps.Keys(known)) {
			if !s.allowed[n] {
				list = append(list, rule{call: n, then: refuse(s.errno)})
			}
		}
		if err := s.load(list, refuse(unix.ENOSYS)); err != nil {
			return confinement{}, err
		}
	}
	return s.confinement, nil
}

func (c *confinement) load(list []rule, otherwise uint32) error {
	f, err := assemble(list, otherwise, unix.SECCOMP_RET_KILL_PROCESS)
	c.Filters = append(c.Filters, f)
	return err
}

// container is what Docker does by default with the image of the Dockerfile: the machine's files stand for the image's.
func container(dir, dockerfile string) (confinement, error) {
	s := &service{dir: dir}
	s.Namespaces = unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC
	s.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME=/var/lib/vitrine"}
	user := regexp.MustCompile(`useradd .*--uid (\d+)`).FindStringSubmatch(dockerfile)
	env := regexp.MustCompile(`(?m)^ENV (.*)$`).FindAllStringSubmatch(dockerfile, -1)
	if user == nil || len(env) == 0 || !strings.Contains(dockerfile, "\nUSER vitrine\n") ||
		!strings.HasSuffix(dockerfile, "ENTRYPOINT [\"vitrine\"]\nCMD [\"serve\"]\n") {
		return confinement{}, fmt.Errorf("the Dockerfile's user, environment or command is not what this test knows")
	}
	s.User, _ = strconv.Atoi(user[1])
	s.Umask = 0o022
	for _, m := range env {
		s.Env = append(s.Env, strings.Fields(m[1])...)
	}
	given, err := os.ReadFile(dir + "/config/environment")
	if err != nil {
		return confinement{}, err
	}
	s.Env = append(s.Env, strings.Fields(string(given))...)
	if err := options["ExecStart"](s, "/usr/local/bin/vitrine serve"); err != nil {
		return confinement{}, err
	}
	s.Places = append(s.Places, step{Do: "tmpfs", To: "/var/lib", Mode: 0o755},
		step{Do: "folder", To: "/var/lib/vitrine", Mode: 0o755}, step{Do: "bind", From: dir + "/data",
			To: "/var/lib/vitrine"})
	s.Mounts = []step{{Do: "tmpfs", To: "/tmp", Mode: 0o1777}, {Do: "proc", To: "/proc"}, {Do: "devices", To: "/dev"}}
	s.hide("/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
		"/sys/devices/virtual/powercap", "/sys/firmware", "/home", "/root")
	s.protect("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/sys")
	s.Closed = s.hidden
	s.Bounding = []uintptr{unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE, unix.CAP_FSETID, unix.CAP_FOWNER, unix.CAP_MKNOD,
		unix.CAP_NET_RAW, unix.CAP_SETGID, unix.CAP_SETUID,
		unix.CAP_SETFCAP, unix.CAP_SETPCAP, unix.CAP_NET_BIND_SERVICE, unix.CAP_SYS_CHROOT, unix.CAP_KILL,
		unix.CAP_AUDIT_WRITE}
	if err := s.forbid("@mount", "@clock", "@module", "@raw-io", "@reboot", "@swap", "@keyring", "@cpu-emulation",
		"bpf", "perf_event_open", "userfaultfd", "syslog", "acct", "quotactl",
		"io_uring_setup", "io_uring_enter", "io_uring_register", "open_by_handle_at", "fanotify_init", "lookup_dcookie",
		"move_pages", "kcmp"); err != nil {
		return confinement{}, err
	}
	if err := s.load(noNamespaces(), allow); err != nil {
		return confinement{}, err
	}
	return s.confinement, s.load(s.rules, allow)
}
