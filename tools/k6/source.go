package main

import (
	"math"
	"sort"
)

// source is a scenario and the slots it was asked to send.
type source struct {
	config      sourceConfig
	stream      *stream
	start       int64
	begun       bool
	active      int
	outstanding int
	stuck       int
	queue       []slotEvent
	unsettled   map[*arrival]bool
	nextSlot    int64
	// accounted: window → slots of that window whose fate is known.
	accounted map[int64]int64
	excluded  []*operation
}

// slotEvent is a slot that k6 came to: it started an iteration or, without one, dropped it. k6 takes slots in order,
// so the order of the events is the number of the slot.
type slotEvent struct {
	at      int64
	arrival *arrival
}

func newSource(config sourceConfig) *source {
	return &source{config: config, unsettled: map[*arrival]bool{}, accounted: map[int64]int64{}}
}

func (s *source) begin(start int64) {
	if !s.begun {
		s.begun, s.start = true, start+toNs(s.config.OffsetMs)
	}
}

func (s *source) periodNs() float64 { return s.config.PeriodMs * 1e6 }

func (s *source) dueOf(slot int64) int64 {
	return s.start + int64(math.Round(float64(slot)*s.periodNs()))
}

// over: the scenario's own time is up, so what is cut off now was not thrown by the script.
func (s *source) over(at int64) bool {
	return s.config.DurationMs > 0 && s.begun && at >= s.start+toNs(s.config.DurationMs)
}

func (s *source) latestSlotBefore(at int64) int64 {
	if s.config.PeriodMs <= 0 || at < s.start {
		return at
	}
	return s.dueOf(int64(float64(at-s.start) / s.periodNs()))
}

// earliestUnsettled is a lower bound of the due times that are not known yet.
func (s *source) earliestUnsettled() int64 {
	if len(s.unsettled) == 0 {
		return math.MaxInt64
	}
	return s.dueOf(s.nextSlot)
}

// slotsBefore is how many slots are due before t.
func (s *source) slotsBefore(t int64) int64 {
	if !s.begun || s.config.PeriodMs <= 0 || t <= s.start {
		return 0
	}
	n := int64(math.Ceil(float64(t-s.start) / s.periodNs()))
	return min(n, s.config.Slots)
}

func (s *source) expected(window, until int64) int64 {
	from, to := window*windowNs, (window+1)*windowNs
	return max(0, s.slotsBefore(min(to, until))-s.slotsBefore(from))
}

// settle puts arrivals and drops up to a time into order and gives each its slot.
func (s *source) settle(until int64, dropAt func(due, at int64)) {
	sort.SliceStable(s.queue, func(i, j int) bool { return s.queue[i].at < s.queue[j].at })
	taken := 0
	for _, event := range s.queue {
		if event.at > until {
			break
		}
		taken++
		due := s.dueOf(s.nextSlot)
		s.nextSlot++
		if event.arrival == nil {
			dropAt(due, event.at)
			continue
		}
		event.arrival.due, event.arrival.settled = min(due, event.arrival.at), true
		delete(s.unsettled, event.arrival)
	}
	s.queue = append(s.queue[:0], s.queue[taken:]...)
}
