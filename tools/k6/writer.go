package main

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// writer puts lines into a pipe or a file. A reader that died ends this process: load nobody records must not go on.
type writer struct {
	buffer  *bufio.Writer
	scratch *hdrhistogram.Histogram
}

func newWriter(file *os.File) *writer {
	return &writer{buffer: bufio.NewWriterSize(file, 1<<16), scratch: hdrhistogram.New(1, highestUs, 3)}
}

const exitReaderGone = 114

func (w *writer) line(value map[string]any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	w.raw(text)
}

func (w *writer) raw(text []byte) {
	if _, err := w.buffer.Write(append(text, '\n')); err != nil {
		os.Exit(exitReaderGone)
	}
}

func (w *writer) flush() {
	if err := w.buffer.Flush(); err != nil {
		os.Exit(exitReaderGone)
	}
}

// tick is once a second where the run stands.
func (f *fold) tick(now int64) map[string]any {
	active := map[string]int{}
	for name, s := range f.sources {
		active[name] = s.active
	}
	line := map[string]any{
		"kind": "tick", "atMs": toMs(now), "wallMs": toMs(time.Now().UnixNano()), "active": active,
		"good": f.totals.Good, "lost": f.totals.Lost, "unsent": f.totals.Unsent, "started": f.totals.Started,
		"finished": f.totals.Finished, "unfinished": f.totals.Unfinished, "cut": f.totals.Cut,
		"dropped": f.totals.Dropped, "iterations": f.totals.Iterations,
		"counters": maps.Clone(f.counters), "beat": f.beats.take(),
	}
	if refused := f.guard.takeRefused(); len(refused) > 0 {
		line["refused"] = refused
	}
	return line
}
