package main

import (
	"errors"
	"os"
	"time"

	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"
)

func init() {
	output.RegisterExtension("shakedown", openOutputExtension)
	if from := os.Getenv("SHAKEDOWN_CONFIG"); from != "" {
		loadFold(from)
	}
}

// theFold is the one place where what is sent and timed comes together; virtual users write into it directly.
var theFold = newFold(&config{}, mustClock(""))

var configError error

func loadFold(from string) {
	parsed, err := readConfig(from)
	if err != nil {
		configError = err
		return
	}
	runClock, err := newClock(parsed.Origin)
	if err != nil {
		configError = err
		return
	}
	theFold = newFold(parsed, runClock)
}

func mustClock(origin string) *clock {
	c, err := newClock(origin)
	if err != nil {
		panic(err)
	}
	return c
}

// windowOutput follows k6's own samples only for what k6 alone knows: dropped iterations and how many ran.
type windowOutput struct {
	path string
	done chan struct{}
}

func openOutputExtension(params output.Params) (output.Output, error) {
	if configError != nil {
		return nil, configError
	}
	if params.ConfigArgument == "" {
		return nil, errors.New("expected --out shakedown=PATH or shakedown=fd:N")
	}
	return &windowOutput{path: params.ConfigArgument, done: make(chan struct{})}, nil
}

func (o *windowOutput) Description() string { return "shakedown windows (" + o.path + ")" }

func (o *windowOutput) Start() error {
	file, err := openOutput(o.path)
	if err != nil {
		return err
	}
	theFold.open(file)
	go theFold.beatUntil(o.done)
	go theFold.foldUntil(o.done)
	return nil
}

func (o *windowOutput) AddMetricSamples(containers []metrics.SampleContainer) {
	for _, container := range containers {
		for _, sample := range container.GetSamples() {
			o.take(sample)
		}
	}
}

func (o *windowOutput) take(sample metrics.Sample) {
	switch sample.Metric.Name {
	case metrics.DroppedIterationsName:
		scenario, _ := sample.Tags.Get("scenario")
		theFold.dropped(scenario, theFold.clock.at(sample.Time))
	case metrics.IterationsName:
		theFold.iterationCounted(int64(sample.Value))
	}
}

func (o *windowOutput) Stop() error {
	close(o.done)
	// k6 hands over its last samples before it stops an output; a moment lets arrivals and drops be put in order.
	time.Sleep(10 * time.Millisecond)
	theFold.finish("ended")
	return nil
}
