package main

import (
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// clock speaks the run's own time: milliseconds since an origin on the machine's monotonic clock, which every process of
// the machine shares. Wall-clock steps do not reach it.
type clock struct {
	base     time.Time
	baseNs   int64
	originNs int64
}

func newClock(origin string) (*clock, error) {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return nil, err
	}
	c := &clock{base: time.Now(), baseNs: now.Nano()}
	c.originNs = c.baseNs
	if origin == "" {
		return c, nil
	}
	given, err := strconv.ParseInt(origin, 10, 64)
	c.originNs = given
	return c, err
}

// at is t in nanoseconds since the run's origin.
func (c *clock) at(t time.Time) int64 { return c.baseNs + int64(t.Sub(c.base)) - c.originNs }

func (c *clock) now() int64 { return c.at(time.Now()) }

func toMs(ns int64) float64 { return float64(ns) / 1e6 }

func toNs(ms float64) int64 { return int64(ms * 1e6) }
