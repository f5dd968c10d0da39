package cli

import "runtime/debug"

// version is set by the linker (make build).
var version = ""

// BuildVersion is the version that the linker set, else that of the module, else "unknown".
func BuildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
