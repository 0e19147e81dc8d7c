package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const second = int64(1e9)

// rig is a fold whose time the test turns by hand.
type rig struct {
	*fold
	t    *testing.T
	path string
}

func newRig(t *testing.T, sources ...sourceConfig) *rig {
	t.Helper()
	f := newFold(&config{Sources: sources, Errors: "T-errors"}, mustClock(""))
	path := filepath.Join(t.TempDir(), "windows.ndjson")
	file, err := openOutput(path)
	if err != nil {
		t.Fatal(err)
	}
	f.open(file)
	return &rig{fold: f, t: t, path: path}
}

// beatUntilAt lets the heart beat evenly between two times.
func (r *rig) beatBetween(from, to, gap int64) {
	for at := from; at < to; at += int64(beatEvery) {
		r.beat(at, gap)
	}
}

// send is one iteration that begins, is answered and ends.
func (r *rig) send(scenario, stream string, at, took int64, cause string) {
	a := r.iterationStarted(scenario, 0, at)
	id, _ := r.begin(a, stream, -1, false, at)
	r.settle(id, at+took, cause)
	r.markFinished(a)
	r.iterationEnded(a, at+took)
}

func (r *rig) close(now int64) { r.stepAndEnd(now) }

func (r *rig) stepAndEnd(now int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settleUpTo(1 << 62)
	r.writeWindows(now, true)
	r.out.flush()
}

func (r *rig) windows(stream string) []map[string]any {
	r.t.Helper()
	file, err := os.Open(r.path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var found []map[string]any
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line map[string]any
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			r.t.Fatal(err)
		}
		if line["kind"] == "window" && line["stream"] == stream {
			found = append(found, line)
		}
	}
	return found
}

func answers(t *testing.T, window map[string]any) *hdrhistogram.Histogram {
	t.Helper()
	text, ok := window["histogram"].(string)
	if !ok {
		return hdrhistogram.New(1, highestUs, 3)
	}
	decoded, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

func lostOf(window map[string]any, cause string) float64 {
	lost, _ := window["lost"].(map[string]any)
	count, _ := lost[cause].(float64)
	return count
}

var paced = sourceConfig{Scenario: "api", Stream: "T-api", Kind: kindPaced, PeriodMs: 100, Slots: 20, DurationMs: 2000}

func TestEverySlotIsCountedInTheWindowItWasDueIn(t *testing.T) {
	r := newRig(t, paced)
	for slot := range int64(20) {
		// Sent 30 ms late, answered 5 ms after that: 35 ms from the due time.
		r.send("api", "T-api", slot*100e6+30e6, 5e6, "")
	}
	r.close(3 * second)
	got := r.windows("T-api")
	if len(got) != 2 {
		t.Fatalf("expected 2 windows, got %v", got)
	}
	for _, window := range got {
		h := answers(t, window)
		if h.TotalCount() != 10 || h.ValueAtQuantile(50) < 34_900 || h.ValueAtQuantile(50) > 35_100 {
			t.Errorf("expected 10 answers at 35 ms from the due time, got %d at %d µs", h.TotalCount(), h.ValueAtQuantile(50))
		}
		sent, err := hdrhistogram.Decode([]byte(window["sentHistogram"].(string)))
		if err != nil || sent.ValueAtQuantile(50) > 5_100 {
			t.Errorf("expected 5 ms from the sent time, got %v %v", sent, err)
		}
	}
}

func TestAnAnswerBelongsToTheWindowOfItsDueTimeHoweverLateItCame(t *testing.T) {
	r := newRig(t, paced)
	a := r.iterationStarted("api", 0, 0)
	id, _ := r.begin(a, "T-api", -1, false, 0)
	for slot := int64(1); slot < 20; slot++ {
		r.send("api", "T-api", slot*100e6, 5e6, "")
	}
	r.step(4*second, false)
	if got := r.windows("T-api"); len(got) != 0 {
		t.Fatalf("a window with an answer under way was written: %v", got)
	}
	r.settle(id, 6*second, "")
	r.markFinished(a)
	r.iterationEnded(a, 6*second)
	r.step(7*second, false)
	got := r.windows("T-api")
	if len(got) != 2 || answers(t, got[0]).Max() < 5_900_000 {
		t.Fatalf("expected two windows, the first with an answer after 6 s, got %v", got)
	}
}

func TestDropsAreLostWhileUsersWaitAndUnsentWhileWeAreStarved(t *testing.T) {
	for _, row := range []struct {
		name           string
		gap            int64
		waiting        bool
		wanted, unsent float64
	}{
		{"every user waits for the deployment", 0, true, 5, 0},
		{"the generator did not get the processor", 400e6, true, 0, 5},
		{"nobody waits for an answer", 0, false, 0, 5},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t, paced)
			a := r.iterationStarted("api", 0, 0)
			if row.waiting {
				_, _ = r.begin(a, "T-api", -1, false, 0)
			}
			r.beatBetween(0, second, row.gap)
			for slot := int64(1); slot <= 5; slot++ {
				r.dropped("api", slot*100e6)
			}
			for slot := int64(6); slot < 10; slot++ {
				r.send("api", "T-api", slot*100e6, 5e6, "")
			}
			r.close(900e6 + stopSlack)
			got := r.windows("T-api")
			if len(got) != 1 || lostOf(got[0], "waiting") != row.wanted {
				t.Fatalf("expected %v lost waiting, got %v", row.wanted, got)
			}
			if unsent, _ := got[0]["unsent"].(float64); unsent < row.unsent || unsent > row.unsent+1 {
				t.Errorf("expected %v unsent, got %v", row.unsent, got[0])
			}
		})
	}
}

func TestADropMovesTheSlotsAfterIt(t *testing.T) {
	r := newRig(t, paced)
	r.send("api", "T-api", 0, 5e6, "")
	r.beatBetween(0, second, 0)
	for slot := int64(1); slot <= 12; slot++ {
		r.dropped("api", slot*100e6)
	}
	// The second iteration k6 starts is the fourteenth slot.
	r.send("api", "T-api", 13*100e6+1e6, 4e6, "")
	r.close(2 * second)
	got := r.windows("T-api")
	if len(got) != 2 || answers(t, got[1]).TotalCount() != 1 || answers(t, got[1]).Max() > 5_100 {
		t.Fatalf("expected the answer in the second window, 5 ms from its due time: %v", got)
	}
}

func TestASlotNobodyHeardOfIsUnsent(t *testing.T) {
	r := newRig(t, paced)
	for slot := range int64(7) {
		r.send("api", "T-api", slot*100e6, 5e6, "")
	}
	r.close(3 * second)
	total := 0.0
	for _, window := range r.windows("T-api") {
		unsent, _ := window["unsent"].(float64)
		total += unsent
	}
	if total != 13 {
		t.Fatalf("expected 13 unsent of 20, got %v", total)
	}
}

func TestAScriptThatThrowsOrSendsNothingIsLost(t *testing.T) {
	for name, begins := range map[string]bool{"throws after it sent": true, "sends nothing": false} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, paced)
			for slot := range int64(10) {
				a := r.iterationStarted("api", 0, slot*100e6)
				if begins {
					_, _ = r.begin(a, "T-api", -1, false, slot*100e6)
				}
				r.iterationEnded(a, slot*100e6+2e6)
			}
			r.close(second)
			got := r.windows("T-api")
			if len(got) != 1 || lostOf(got[0], "script-error") != 10 || r.totals.Unfinished != 10 {
				t.Fatalf("expected 10 lost to the script, got %v, %+v", got, r.totals)
			}
		})
	}
}

func TestWhatTheStopCutOffIsNeitherAnsweredNorLost(t *testing.T) {
	r := newRig(t, paced)
	r.send("api", "T-api", 0, 5e6, "")
	a := r.iterationStarted("api", 0, 100e6)
	_, _ = r.begin(a, "T-api", -1, false, 100e6)
	r.close(150e6)
	got := r.windows("T-api")
	if len(got) != 1 || answers(t, got[0]).TotalCount() != 1 || got[0]["lost"] != nil || got[0]["unsent"] != nil {
		t.Fatalf("expected one answer and nothing else, got %v", got)
	}
}

func TestErrorsCountEveryOperation(t *testing.T) {
	r := newRig(t, paced)
	for slot := range int64(10) {
		cause := ""
		if slot == 3 {
			cause = "http-500"
		}
		r.send("api", "T-api", slot*100e6, 5e6, cause)
	}
	r.close(second)
	got := r.windows("T-errors")
	if len(got) != 1 || got[0]["good"].(float64) != 9 || lostOf(got[0], "http-500") != 1 {
		t.Fatalf("expected 9 good and one http-500, got %v", got)
	}
}

func TestTheGuardMatchesHostAndPort(t *testing.T) {
	g := newGuard([]string{"127.0.0.1:3001", "api.example", "*.edge.example:443"})
	for address, allowed := range map[string]bool{
		"127.0.0.1:3001": true, "127.0.0.1:3002": false, "10.0.0.1:80": false,
	} {
		if err := g.checkAddress(address); (err == nil) != allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
	g.remember("10.1.1.1", "a.edge.example")
	if g.checkAddress("10.1.1.1:443") != nil || g.checkAddress("10.1.1.1:80") == nil {
		t.Error("a resolved host is allowed on its named port only")
	}
	if g.hostAllowed("edge.example") || !g.hostAllowed("API.example") {
		t.Error("names match whole and in any case")
	}
}

func TestBadConfigurationNamesWhatIsWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(`{"sources":[{"scenario":"api","kind":"often"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readConfig(path); err == nil || !strings.Contains(err.Error(), "expected kind paced") {
		t.Fatalf("got %v", err)
	}
}
