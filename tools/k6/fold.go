package main

import (
	"math"
	"os"
	"sync"
	"time"
)

// settleAfter is how long an arrival waits for the news of drops before it: k6 hands samples over every 50 ms.
const settleAfter = int64(400 * time.Millisecond)

// arrival is one iteration that k6 started.
type arrival struct {
	source   *source
	at       int64
	due      int64
	settled  bool
	finished bool
	claimed  bool
	ended    bool
	// troubled: its last operation was lost and it has not begun another.
	troubled bool
	ids      []int64
}

// operation is one thing sent and waited for. Until its arrival's place among the slots is known it has no due time.
type operation struct {
	stream  *stream
	arrival *arrival
	due     int64
	dueSet  bool
	slotted bool
	sent    int64
	ended   int64
	lost    string
	open    bool
}

type fold struct {
	config *config
	clock  *clock
	guard  *guard

	mu       sync.Mutex
	out      *writer
	sources  map[string]*source
	streams  map[string]*stream
	order    []*stream
	pending  map[int64]*operation
	settling []*operation
	nextID   int64
	counters map[string]int64
	totals   totals
	beats    beats
	stopAt   int64
	spentOut bool
}

// totals are counted when things end, not when they were due: the kill switch looks at them.
type totals struct {
	Good, Lost, Unsent, Started, Finished, Unfinished, Dropped, Cut, Iterations int64
}

func newFold(c *config, runClock *clock) *fold {
	f := &fold{
		config: c, clock: runClock, guard: newGuard(c.Allow),
		sources: map[string]*source{}, streams: map[string]*stream{}, pending: map[int64]*operation{},
		counters: map[string]int64{}, stopAt: math.MaxInt64,
	}
	for _, declared := range c.Sources {
		s := newSource(declared)
		f.sources[declared.Scenario] = s
		if declared.Stream != "" {
			s.stream = f.streamOf(declared.Stream)
			s.stream.sources = append(s.stream.sources, s)
		}
	}
	return f
}

func (f *fold) streamOf(name string) *stream {
	if known := f.streams[name]; known != nil {
		return known
	}
	made := newStream(name)
	f.streams[name] = made
	f.order = append(f.order, made)
	return made
}

func (f *fold) open(file *os.File) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.out = newWriter(file)
	f.out.line(map[string]any{"kind": "hello", "atMs": toMs(f.clock.now()), "pid": os.Getpid()})
}

func (f *fold) stopped() bool { return f.stopAt != math.MaxInt64 }

func (f *fold) iterationStarted(scenario string, scenarioStart, at int64) *arrival {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sources[scenario]
	if s == nil {
		s = newSource(sourceConfig{Scenario: scenario, Kind: kindJourney})
		f.sources[scenario] = s
	}
	s.begin(scenarioStart)
	a := &arrival{source: s, at: at}
	s.active++
	f.totals.Started++
	if s.config.Kind == kindPaced || s.config.Kind == kindJourney && s.config.Slots > 0 {
		s.queue = append(s.queue, slotEvent{at: at, arrival: a})
		s.unsettled[a] = true
	} else {
		a.due, a.settled = at, true
	}
	return a
}

// trouble marks an iteration that is held up by an answer it never got (a connection still being made, say).
func (a *arrival) trouble(now bool) {
	if a.ended || a.troubled == now {
		return
	}
	a.troubled = now
	if now {
		a.source.stuck++
	} else {
		a.source.stuck--
	}
}

func (f *fold) markFinished(a *arrival) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a.finished = true
}

// iterationEnded closes what the script left open: an iteration that did not reach its last line threw, one that never
// began anything sent nothing. Both are our own mistake and are counted as such, unless the run itself was ending.
func (f *fold) iterationEnded(a *arrival, at int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a.source.active--
	a.trouble(false)
	a.ended = true
	cut := f.stopped() || f.spentOut || a.source.over(at)
	for _, id := range a.ids {
		if op := f.pending[id]; op != nil && cut {
			f.drop(id, op)
		} else if op != nil {
			f.close(id, op, at, "script-error")
		}
	}
	switch {
	case a.finished:
		f.totals.Finished++
	case cut:
		f.totals.Cut++
	default:
		f.totals.Unfinished++
	}
	f.settleArrival(a, at, cut)
}

func (f *fold) settleArrival(a *arrival, at int64, cut bool) {
	kind := a.source.config.Kind
	if a.source.stream == nil || kind == kindScripted || a.claimed {
		return
	}
	lost := ""
	if kind == kindPaced || !a.finished {
		lost = "script-error"
	}
	if cut && !a.finished {
		return
	}
	f.settling = append(f.settling, &operation{
		stream: a.source.stream, arrival: a, slotted: a.source.config.Slots > 0, sent: a.at, ended: at, lost: lost,
	})
	a.claimed = true
}

// begin opens an operation. due in ms on the run's clock; not a number or negative: the arrival's own due time.
func (f *fold) begin(a *arrival, streamName string, due float64, slotted bool, at int64) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	op := &operation{arrival: a, sent: at, open: true, slotted: slotted}
	if streamName != "" {
		op.stream = f.streamOf(streamName)
	}
	switch {
	case !math.IsNaN(due) && due >= 0:
		op.due, op.dueSet = min(toNs(due), at), true
	case a.source.config.Kind == kindPaced && op.stream == a.source.stream && !a.claimed:
		a.claimed, op.slotted = true, true
	case a.source.config.Kind != kindPaced:
		op.due, op.dueSet = at, true
	}
	f.nextID++
	f.pending[f.nextID] = op
	a.ids = append(a.ids, f.nextID)
	a.source.outstanding++
	a.trouble(false)
	return f.nextID, nil
}

// settle ends an operation; an empty cause means it was answered rightly.
func (f *fold) settle(id, at int64, cause string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if op := f.pending[id]; op != nil {
		f.close(id, op, at, cause)
	}
}

// forget leaves an operation out: it was refused as agreed.
func (f *fold) forget(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if op := f.pending[id]; op != nil {
		f.drop(id, op)
	}
}

func (f *fold) close(id int64, op *operation, at int64, cause string) {
	delete(f.pending, id)
	op.arrival.source.outstanding--
	if f.stopped() {
		return
	}
	op.open, op.ended, op.lost = false, at, cause
	op.arrival.trouble(cause != "")
	if cause == "" {
		f.totals.Good++
	} else {
		f.totals.Lost++
	}
	f.settling = append(f.settling, op)
}

// drop leaves out an operation that the end of the run cut off: neither answered nor unanswered.
func (f *fold) drop(id int64, op *operation) {
	delete(f.pending, id)
	op.arrival.source.outstanding--
	if op.slotted {
		op.arrival.source.excluded = append(op.arrival.source.excluded, op)
	}
}

func (f *fold) dropped(scenario string, at int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.totals.Dropped++
	if s := f.sources[scenario]; s != nil && !f.stopped() {
		s.queue = append(s.queue, slotEvent{at: at})
	}
}

func (f *fold) iterationCounted(n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.totals.Iterations += n
}

func (f *fold) count(name string, n int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counters[name] += n
	return f.counters[name]
}

// spend takes from a budget before anything is sent. The first refusal stops the run.
func (f *fold) spend(name string, amount int64) bool {
	f.mu.Lock()
	limit, limited := f.config.Budgets[name]
	used := f.counters[name]
	if limited && used+amount > limit {
		first := !f.spentOut
		f.spentOut = true
		f.mu.Unlock()
		if first {
			go stopRun("budget of " + name + " is used up")
		}
		return false
	}
	f.counters[name] = used + amount
	f.mu.Unlock()
	return true
}

func (f *fold) estimatedDue(a *arrival) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a.settled {
		return a.due
	}
	return a.source.latestSlotBefore(a.at)
}

func (f *fold) foldUntil(done <-chan struct{}) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for ticks := 1; ; ticks++ {
		select {
		case <-done:
			return
		case <-ticker.C:
			f.step(f.clock.now(), ticks%10 == 0)
		}
	}
}

func (f *fold) step(now int64, second bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped() || f.out == nil {
		return
	}
	f.settleUpTo(now - settleAfter)
	f.writeWindows(now, false)
	if second {
		f.out.line(f.tick(now))
	}
	f.out.flush()
}

// finish closes the books: everything known is written, what is still open is left out, and nothing is counted after it.
func (f *fold) finish(why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped() || f.out == nil {
		return
	}
	now := f.clock.now()
	f.stopAt = now
	f.settleUpTo(math.MaxInt64)
	f.writeWindows(now, true)
	last := f.tick(now)
	last["kind"], last["why"], last["open"] = "end", why, len(f.pending)
	f.out.line(last)
	f.out.flush()
}

func (f *fold) writeFact(name string, text []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counters["fact:"+name]++
	if f.out != nil && f.counters["fact:"+name] <= 20 {
		f.out.raw(text)
	}
}
