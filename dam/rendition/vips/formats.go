//go:build vips && cgo

package vips

/*
#include <stdlib.h>
#include <vips/vips.h>
*/
import "C"

import "unsafe"

// Formats says which of the formats that depend on how libvips was built it reads here: HEIC, AVIF, JPEG XL, JPEG 2000.
func Formats() (map[string]bool, error) {
	if _, err := New(nil); err != nil {
		return nil, err
	}
	loads := func(name string) bool {
		base, loader := C.CString("VipsForeignLoad"), C.CString(name)
		defer C.free(unsafe.Pointer(base))
		defer C.free(unsafe.Pointer(loader))
		return C.vips_type_find(base, loader) != 0
	}
	heif := loads("heifload")
	return map[string]bool{"HEIC": heif, "AVIF": heif, "JPEG XL": loads("jxlload"), "JPEG 2000": loads("jp2kload")}, nil
}
