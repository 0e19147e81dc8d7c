package main

import (
	"encoding/json"
	"errors"
	"time"

	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/lib"
)

func init() {
	modules.Register("k6/x/shakedown", rootModule{})
}

type rootModule struct{}

// NewModuleInstance is called once for each virtual user that imports the module.
func (rootModule) NewModuleInstance(vu modules.VU) modules.Instance {
	instance := &moduleInstance{vu: vu}
	// The numbers are k6's IterStart and IterEnd, whose names it keeps to itself; a test holds them.
	_, events := vu.Events().Local.Subscribe(eventIterStart, eventIterEnd)
	go func() {
		for event := range events {
			if event.Type == eventIterStart {
				instance.iterationStarted()
			} else {
				instance.iterationEnded()
			}
			event.Done()
		}
	}()
	return instance
}

const (
	eventIterStart = 4
	eventIterEnd   = 5
)

type moduleInstance struct {
	vu      modules.VU
	arrival *arrival
	started int64
}

func (m *moduleInstance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{
		"settings": m.settings, "user": m.user, "users": m.users,
		"now": m.now, "due": m.due, "scenarioStart": m.scenarioStart,
		"begin": m.begin, "good": m.good, "lost": m.lost, "forget": m.forget, "fact": m.fact,
		"finished": m.finished, "count": m.count, "counted": m.counted, "spend": m.spend,
	}}
}

// iterationStarted registers the arrival without the script's help: one that sends nothing is seen all the same.
func (m *moduleInstance) iterationStarted() {
	state, scenario := m.vu.State(), lib.GetScenarioState(m.vu.Context())
	if state == nil || scenario == nil {
		return
	}
	theFold.guard.install(state)
	m.started = theFold.clock.at(scenario.StartTime)
	m.arrival = theFold.iterationStarted(scenario.Name, m.started, theFold.clock.at(time.Now()))
}

func (m *moduleInstance) iterationEnded() {
	if m.arrival != nil {
		theFold.iterationEnded(m.arrival, theFold.clock.now())
		m.arrival = nil
	}
}

// settings is the runner's JSON for the script.
func (m *moduleInstance) settings() string {
	if len(theFold.config.Script) == 0 {
		return "{}"
	}
	return string(theFold.config.Script)
}

func (m *moduleInstance) users() int { return len(theFold.config.Users) }

func (m *moduleInstance) user(index int) (string, error) {
	if index < 0 || index >= len(theFold.config.Users) {
		return "", errors.New("there is no such user")
	}
	return string(theFold.config.Users[index]), nil
}

// now is milliseconds on the run's clock.
func (m *moduleInstance) now() float64 { return toMs(theFold.clock.now()) }

// due is when this iteration ought to have started, as well as can be told while it runs.
func (m *moduleInstance) due() float64 {
	if m.arrival == nil {
		return m.now()
	}
	return toMs(theFold.estimatedDue(m.arrival))
}

func (m *moduleInstance) scenarioStart() float64 { return toMs(m.started) }

// begin starts one timed operation on a stream. due: NaN or below zero means the iteration's own due time.
// An empty stream counts towards the error rate only. slotted: the operation is one of the scenario's own slots.
func (m *moduleInstance) begin(stream string, due float64, slotted bool) (int64, error) {
	if m.arrival == nil {
		return 0, errors.New("begin was called outside an iteration")
	}
	return theFold.begin(m.arrival, stream, due, slotted, theFold.clock.now())
}

// good: the operation was answered rightly, at the given time on the run's clock or (0) now.
func (m *moduleInstance) good(id int64, atMs float64) { theFold.settle(id, endOf(atMs), "") }

// lost: it never got a right answer, and why.
func (m *moduleInstance) lost(id int64, cause string) {
	if cause == "" {
		cause = "unknown"
	}
	theFold.settle(id, theFold.clock.now(), cause)
}

// forget: an expected refusal, neither right nor lost.
func (m *moduleInstance) forget(id int64) { theFold.forget(id) }

func endOf(atMs float64) int64 {
	if atMs > 0 {
		return toNs(atMs)
	}
	return theFold.clock.now()
}

// fact writes one observation of its own (a wrong answer, a sign-in that was limited) into the stream of lines.
func (m *moduleInstance) fact(name string, detail string) {
	text, _ := json.Marshal(map[string]any{"kind": "fact", "name": name, "detail": detail, "atMs": m.now()})
	theFold.writeFact(name, text)
}

// finished is the last line of every script; an iteration that ends without it threw.
func (m *moduleInstance) finished() {
	if m.arrival != nil {
		theFold.markFinished(m.arrival)
	}
}

func (m *moduleInstance) count(name string) int64 { return theFold.count(name, 1) }

func (m *moduleInstance) counted(name string) int64 { return theFold.count(name, 0) }

// spend takes from a budget; false: it is used up, the run is being stopped, do not send.
func (m *moduleInstance) spend(name string, amount int64) bool { return theFold.spend(name, amount) }
