package main

import (
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	windowNs = int64(1e9)
	// giveUpAfter: a slot nobody has heard of so long after it was due was not sent.
	giveUpAfter = int64(15e9)
	// highestUs: an hour; nothing waits longer.
	highestUs = int64(3_600_000_000)
)

// stream is one assertion's arrivals, folded by the second they were due in.
type stream struct {
	name    string
	sources []*source
	windows map[int64]*window
	// next is the window to be written next; before the first is written it may still move back.
	next             int64
	started, written bool
}

type window struct {
	fromDueUs, fromSentUs []int64
	lateUs                []int64
	good                  int64
	lost                  map[string]int64
	unsent                int64
}

func newStream(name string) *stream { return &stream{name: name, windows: map[int64]*window{}} }

func (s *stream) window(index int64) *window {
	if !s.started || index < s.next && !s.written {
		s.next, s.started = index, true
	}
	if s.windows[index] == nil {
		s.windows[index] = &window{lost: map[string]int64{}}
	}
	return s.windows[index]
}

func windowOf(due int64) int64 { return int64(math.Floor(float64(due) / float64(windowNs))) }

func (w *window) answered(due, sent, ended int64) {
	w.fromDueUs = append(w.fromDueUs, toUs(ended-due))
	w.fromSentUs = append(w.fromSentUs, toUs(ended-sent))
	w.lateUs = append(w.lateUs, toUs(sent-due))
}

func (w *window) missed(cause string, due, sent int64) {
	w.lost[cause]++
	w.lateUs = append(w.lateUs, toUs(sent-due))
}

func toUs(ns int64) int64 { return min(max(ns, 0)/1000, highestUs) }

// line is the window as the runner reads it; nil when nothing was due in it.
func (w *window) line(name string, index int64, scratch *hdrhistogram.Histogram) map[string]any {
	if len(w.fromDueUs) == 0 && w.good == 0 && len(w.lost) == 0 && w.unsent == 0 {
		return nil
	}
	line := map[string]any{
		"kind": "window", "stream": name, "fromMs": index * 1000, "toMs": (index + 1) * 1000,
	}
	if len(w.fromDueUs) > 0 {
		line["histogram"] = encode(scratch, w.fromDueUs)
	} else {
		line["good"] = w.good
	}
	if len(w.lost) > 0 {
		line["lost"] = w.lost
	}
	if w.unsent > 0 {
		line["unsent"] = w.unsent
	}
	w.addLateness(line, scratch)
	return line
}

func (w *window) addLateness(line map[string]any, scratch *hdrhistogram.Histogram) {
	if len(w.lateUs) == 0 {
		return
	}
	fill(scratch, w.lateUs)
	line["late"] = map[string]float64{
		"p99Ms": float64(scratch.ValueAtQuantile(99)) / 1000, "maxMs": float64(scratch.Max()) / 1000,
	}
	if scratch.Max() > 1000 && len(w.fromSentUs) > 0 {
		line["sentHistogram"] = encode(scratch, w.fromSentUs)
	}
}

func fill(scratch *hdrhistogram.Histogram, values []int64) {
	scratch.Reset()
	for _, value := range values {
		_ = scratch.RecordValue(value)
	}
}

func encode(scratch *hdrhistogram.Histogram, values []int64) string {
	fill(scratch, values)
	text, err := scratch.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		panic(err)
	}
	return string(text)
}
