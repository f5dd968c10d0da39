package cli

import "runtime/debug"

// version is set by the linker (make build).
var version = ""

// BuildVersion returns the version that the linker set, or that of the module, or "unknown".
func BuildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
