package main

import (
	"sort"
	"time"
)

const (
	beatEvery = 10 * time.Millisecond
	// starvedGap: a goroutine that only wants to wake every 10 ms and is kept waiting this long was not given the processor.
	starvedGap = int64(200 * time.Millisecond)
	beatsKept  = 2000
)

// beats remember how well this process itself has been lately, and who was waiting for the deployment.
type beats struct {
	ring     []beat
	maxNs    int64
	sumNs    int64
	sumUsers int64
	minUsers int64
	users    int64
	taken    int64
}

type beat struct {
	at, gap int64
	// waiting: scenario → share of its busy users who wait for an answer.
	waiting map[string]bool
}

func (f *fold) beatUntil(done <-chan struct{}) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	last := f.clock.now()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			now := f.clock.now()
			f.beat(now, max(0, now-last-int64(beatEvery)))
			last = now
		}
	}
}

func (f *fold) beat(now, gap int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	waiting := map[string]bool{}
	users := int64(0)
	for name, s := range f.sources {
		waiting[name] = s.active > 0 && 2*(s.outstanding+s.stuck) >= s.active
		if s.config.Kind == kindJourney {
			users += int64(s.active)
		}
	}
	f.beats.add(beat{at: now, gap: gap, waiting: waiting}, users)
}

func (b *beats) add(one beat, users int64) {
	b.ring = append(b.ring, one)
	if len(b.ring) > 2*beatsKept {
		b.ring = append(b.ring[:0], b.ring[len(b.ring)-beatsKept:]...)
	}
	b.maxNs = max(b.maxNs, one.gap)
	if one.gap > int64(beatEvery) {
		b.sumNs += one.gap
	}
	if b.taken == 0 || users < b.minUsers {
		b.minUsers = users
	}
	b.users, b.sumUsers, b.taken = users, b.sumUsers+users, b.taken+1
}

// waitingAt: at that time we were well, and the scenario's users were waiting for answers.
func (b *beats) waitingAt(scenario string, at int64) bool {
	first := sort.Search(len(b.ring), func(i int) bool { return b.ring[i].at >= at-int64(500*time.Millisecond) })
	waiting := false
	for _, one := range b.ring[first:] {
		if one.at > at+int64(250*time.Millisecond) {
			break
		}
		if one.gap > starvedGap {
			return false
		}
		if one.at <= at+int64(2*beatEvery) {
			waiting = one.waiting[scenario]
		}
	}
	return waiting
}

// take hands over the last second and starts the next.
func (b *beats) take() map[string]any {
	out := map[string]any{"maxMs": toMs(b.maxNs), "sumMs": toMs(b.sumNs), "beats": b.taken}
	if b.taken > 0 {
		out["usersMean"], out["usersMin"] = float64(b.sumUsers)/float64(b.taken), b.minUsers
	}
	b.maxNs, b.sumNs, b.sumUsers, b.taken = 0, 0, 0, 0
	return out
}
