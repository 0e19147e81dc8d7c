package main

import (
	"math"
)

// settleUpTo gives arrivals their slots and moves what has ended into the window it was due in.
func (f *fold) settleUpTo(until int64) {
	for _, s := range f.sources {
		s.settle(until, func(due, at int64) { f.settleDrop(s, due, at) })
	}
	waiting := f.settling[:0]
	for _, op := range f.settling {
		if !op.dueSet && !op.arrival.settled {
			waiting = append(waiting, op)
			continue
		}
		f.place(op)
	}
	f.settling = waiting
}

func (f *fold) place(op *operation) {
	if !op.dueSet {
		op.due = op.arrival.due
	}
	index := windowOf(op.due)
	for _, s := range f.streamsOf(op.stream, op.arrival.source) {
		f.record(s, index, op)
	}
	if op.slotted {
		op.arrival.source.accounted[index]++
	}
}

// streamsOf: every operation counts towards the error rate besides its own stream; a journey as such does not.
func (f *fold) streamsOf(own *stream, from *source) []*stream {
	if own != nil && own == from.stream && from.config.Kind == kindJourney {
		return []*stream{own}
	}
	var both []*stream
	if own != nil {
		both = append(both, own)
	}
	if f.config.Errors != "" && (own == nil || own.name != f.config.Errors) {
		both = append(both, f.streamOf(f.config.Errors))
	}
	return both
}

func (f *fold) record(s *stream, index int64, op *operation) {
	if s.written && index < s.next {
		f.counters["late:"+s.name]++
		return
	}
	w := s.window(index)
	switch {
	case op.lost != "":
		w.missed(op.lost, op.due, op.sent)
	case s.name == f.config.Errors || op.arrival.source.config.Kind == kindJourney && s == op.arrival.source.stream:
		w.good++
	default:
		w.answered(op.due, op.sent, op.ended)
	}
}

// settleDrop says why k6 had nobody to send: every user was waiting for the deployment, or we were not well ourselves.
func (f *fold) settleDrop(s *source, due, at int64) {
	index := windowOf(due)
	s.accounted[index]++
	if s.stream == nil {
		return
	}
	if !f.beats.waitingAt(s.config.Scenario, at) {
		f.totals.Unsent++
		s.stream.window(index).unsent++
		return
	}
	f.totals.Lost++
	waited := &operation{stream: s.stream, arrival: &arrival{source: s}, due: due, sent: due, lost: "waiting"}
	for _, to := range f.streamsOf(s.stream, s) {
		f.record(to, index, waited)
	}
}

// writeWindows writes each stream's windows in order, as soon as nothing that was due in them can still change.
func (f *fold) writeWindows(now int64, last bool) {
	for _, s := range f.order {
		closedUntil := f.closedUntil(s, now)
		if last {
			closedUntil = math.MaxInt64
		}
		f.writeStream(s, closedUntil, now, last)
	}
}

func (f *fold) writeStream(s *stream, closedUntil, now int64, last bool) {
	f.openFirst(s)
	for s.started && (s.next+1)*windowNs <= min(closedUntil, now+windowNs) {
		if !f.allAccounted(s, s.next, now, last) {
			return
		}
		f.writeWindow(s, last, now)
		s.next, s.written = s.next+1, true
		if s.next*windowNs > now {
			return
		}
	}
}

// openFirst: a stream whose slots have begun has windows even when not a single one was sent.
func (f *fold) openFirst(s *stream) {
	for _, from := range s.sources {
		if from.begun && from.config.Slots > 0 && !s.started {
			s.started, s.next = true, windowOf(from.start)
		}
	}
}

func (f *fold) writeWindow(s *stream, last bool, now int64) {
	w := s.windows[s.next]
	if w == nil {
		w = &window{lost: map[string]int64{}}
	}
	for _, from := range s.sources {
		missing := f.missing(from, s.next, last, now)
		w.unsent += missing
		f.totals.Unsent += missing
	}
	if line := w.line(s.name, s.next, f.out.scratch); line != nil {
		f.out.line(line)
	}
	delete(s.windows, s.next)
}

// stopSlack: a slot that came due in the very moment of the stop may not have been taken yet.
const stopSlack = int64(20e6)

// missing is how many slots of a window nobody ever heard of.
func (f *fold) missing(from *source, index int64, last bool, now int64) int64 {
	until := int64(math.MaxInt64)
	if last {
		until = now - stopSlack
	}
	known := from.accounted[index] + from.openIn(index, f)
	delete(from.accounted, index)
	return max(0, from.expected(index, until)-known)
}

// openIn counts slots that were taken but had not ended when the run was cut off.
func (s *source) openIn(index int64, f *fold) int64 {
	count := int64(0)
	for _, op := range f.pending {
		if op.slotted && op.arrival.source == s && windowOf(f.dueOf(op)) == index {
			count++
		}
	}
	for _, op := range s.excluded {
		if windowOf(f.dueOf(op)) == index {
			count++
		}
	}
	return count
}

func (f *fold) dueOf(op *operation) int64 {
	switch {
	case op.dueSet:
		return op.due
	case op.arrival.settled:
		return op.arrival.due
	default:
		return op.arrival.source.earliestUnsettled()
	}
}

func (f *fold) allAccounted(s *stream, index, now int64, last bool) bool {
	if last || now > (index+1)*windowNs+giveUpAfter {
		return true
	}
	for _, from := range s.sources {
		if from.accounted[index] < from.expected(index, math.MaxInt64) {
			return false
		}
	}
	return true
}

// closedUntil is the time before which nothing that is due on a stream is still under way.
func (f *fold) closedUntil(s *stream, now int64) int64 {
	until := now - 2*settleAfter
	errors := s.name == f.config.Errors
	for _, op := range f.pending {
		if errors || op.stream == s {
			until = min(until, f.dueOf(op))
		}
	}
	for _, op := range f.settling {
		if errors || op.stream == s {
			until = min(until, f.dueOf(op))
		}
	}
	for _, from := range f.sources {
		if errors || from.stream == s {
			until = min(until, from.earliestUnsettled())
		}
	}
	return until
}
