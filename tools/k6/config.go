package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// config is what the runner hands over; it holds sessions, so it comes through a pipe or a file, never the command line.
type config struct {
	// Origin of the run's clock: CLOCK_MONOTONIC in nanoseconds.
	Origin string `json:"origin"`
	// Allow lists host, host:port and *.domain; nothing else is contacted. Empty: no guard.
	Allow   []string         `json:"allow"`
	Sources []sourceConfig   `json:"sources"`
	Errors  string           `json:"errors"`
	Budgets map[string]int64 `json:"budgets"`
	// Script is given to the script as it stands, and each user by its index.
	Script json.RawMessage   `json:"script"`
	Users  []json.RawMessage `json:"users"`
}

// sourceConfig declares what a scenario was asked to send, so that what was not sent can be counted.
type sourceConfig struct {
	Scenario string `json:"scenario"`
	// Stream is the assertion the scenario's arrivals are counted on.
	Stream string `json:"stream"`
	// Kind: paced (an iteration sends once), journey (an iteration is a user's visit), scripted (the script keeps the slots).
	Kind     string  `json:"kind"`
	PeriodMs float64 `json:"periodMs"`
	// OffsetMs: how long after its scenario's start the first slot is due.
	OffsetMs   float64 `json:"offsetMs"`
	Slots      int64   `json:"slots"`
	DurationMs float64 `json:"durationMs"`
}

const (
	kindPaced    = "paced"
	kindJourney  = "journey"
	kindScripted = "scripted"
)

func readConfig(from string) (*config, error) {
	input, err := openInput(from)
	if err != nil {
		return nil, err
	}
	defer func() { _ = input.Close() }()
	text, err := io.ReadAll(input)
	if err != nil {
		return nil, err
	}
	parsed := &config{}
	if err := json.Unmarshal(text, parsed); err != nil {
		return nil, fmt.Errorf("expected a JSON object in SHAKEDOWN_CONFIG %q: %w", from, err)
	}
	return parsed, parsed.check()
}

func (c *config) check() error {
	for _, source := range c.Sources {
		switch {
		case source.Scenario == "":
			return fmt.Errorf("a source without a scenario: %+v", source)
		case source.Kind != kindPaced && source.Kind != kindJourney && source.Kind != kindScripted:
			return fmt.Errorf("source %s: expected kind paced, journey or scripted, got %q", source.Scenario, source.Kind)
		case source.Kind != kindJourney && (source.PeriodMs <= 0 || source.Slots <= 0 || source.Stream == ""):
			return fmt.Errorf("source %s: expected a stream, a period and slots, got %+v", source.Scenario, source)
		}
	}
	return nil
}

// openInput understands "fd:3" beside a path.
func openInput(from string) (*os.File, error) {
	if fd, ok := descriptor(from); ok {
		return os.NewFile(fd, from), nil
	}
	return os.Open(from)
}

func openOutput(to string) (*os.File, error) {
	if fd, ok := descriptor(to); ok {
		return os.NewFile(fd, to), nil
	}
	return os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

func descriptor(name string) (uintptr, bool) {
	number, found := strings.CutPrefix(name, "fd:")
	if !found {
		return 0, false
	}
	fd, err := strconv.ParseUint(number, 10, 31)
	return uintptr(fd), err == nil
}
