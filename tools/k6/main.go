// Package main is k6 with an output of our own: what the scripts of the load suite send and time is folded while it
// streams into one line a second per stream.
package main

import (
	"bufio"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.k6.io/k6/v2/cmd"
)

// stopGrace is how long k6 may take to end by itself once it was told to stop; the kill switch promises a second.
const stopGrace = 700 * time.Millisecond

func main() {
	if os.Getenv("SHAKEDOWN_LIFELINE") == "stdin" {
		go followLifeline(os.Stdin)
	}
	cmd.Execute()
}

// followLifeline ends this process when its parent is gone: the pipe on standard input closes with the parent, however
// the parent died. A line "stop" ends the load and keeps what was measured.
func followLifeline(input *os.File) {
	lines := bufio.NewScanner(input)
	for lines.Scan() {
		if lines.Text() == "stop" {
			stopRun("told to stop")
		}
	}
	theFold.finish("the parent is gone")
	os.Exit(exitOrphan)
}

const exitOrphan = 113

// stopRun closes the books first, so that nothing cut off by the stop is counted, and then ends k6.
func stopRun(why string) {
	theFold.finish(why)
	go func() {
		time.Sleep(stopGrace)
		os.Exit(exitStopped)
	}()
	signal.Ignore(syscall.SIGHUP)
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Signal(os.Interrupt)
	}
}

const exitStopped = 105
