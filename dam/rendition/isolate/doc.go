// Package isolate runs a rendition engine in child processes of the same program, so that a decoder that crashes,
// loops or swallows memory fails one job and nothing else.
//
// A child is long-lived and has one job at a time. It gets the original as an open file, answers over a socket, and
// is killed when the job's deadline passes or its context ends. Its memory is limited by the kernel. It is replaced
// after a number of jobs, because C libraries leak.
package isolate
