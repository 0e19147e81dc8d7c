package main

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/netext"
)

// guard refuses every address that the environment file does not name. It sits below HTTP and WebSocket alike, where a
// host is resolved and where a connection is made, so redirects and cross-references meet it too.
type guard struct {
	allow   []string
	mu      sync.Mutex
	hostsOf map[string]map[string]bool
	refused map[string]int
}

func newGuard(allow []string) *guard {
	lower := make([]string, len(allow))
	for i, entry := range allow {
		lower[i] = strings.ToLower(entry)
	}
	return &guard{allow: lower, hostsOf: map[string]map[string]bool{}, refused: map[string]int{}}
}

// install puts the guard under a virtual user's connections. It is called before the user's first iteration.
func (g *guard) install(state *lib.State) {
	if len(g.allow) == 0 || state == nil {
		return
	}
	dialer, ok := state.Dialer.(*netext.Dialer)
	if !ok {
		return
	}
	if _, done := dialer.Resolver.(guardedResolver); done {
		return
	}
	dialer.Resolver = guardedResolver{guard: g, inner: dialer.Resolver}
	dialer.Control = func(_, address string, _ syscall.RawConn) error { return g.checkAddress(address) }
}

type guardedResolver struct {
	guard *guard
	inner netext.Resolver
}

func (r guardedResolver) LookupIP(host string) (net.IP, error) {
	if !r.guard.hostAllowed(host) {
		return nil, r.guard.refuse(host)
	}
	ip, err := r.inner.LookupIP(host)
	if err == nil && ip != nil {
		r.guard.remember(ip.String(), strings.ToLower(host))
	}
	return ip, err
}

func (g *guard) checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return g.refuse(address)
	}
	if g.matches(host, port) {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for name := range g.hostsOf[host] {
		if g.matches(name, port) {
			return nil
		}
	}
	g.refused[address]++
	return refusal(address)
}

func (g *guard) matches(host, port string) bool {
	for _, entry := range g.allow {
		if matchesEntry(entry, strings.ToLower(host), port) {
			return true
		}
	}
	return false
}

func (g *guard) hostAllowed(host string) bool {
	for _, entry := range g.allow {
		name, _ := splitEntry(entry)
		if matchesName(name, strings.ToLower(host)) {
			return true
		}
	}
	return false
}

func matchesEntry(entry, host, port string) bool {
	name, wanted := splitEntry(entry)
	return matchesName(name, host) && (wanted == "" || wanted == port)
}

func splitEntry(entry string) (string, string) {
	if host, port, err := net.SplitHostPort(entry); err == nil {
		return host, port
	}
	return strings.Trim(entry, "[]"), ""
}

func matchesName(name, host string) bool {
	if domain, wild := strings.CutPrefix(name, "*."); wild {
		return strings.HasSuffix(host, "."+domain)
	}
	return name == host
}

func (g *guard) remember(ip, host string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.hostsOf[ip] == nil {
		g.hostsOf[ip] = map[string]bool{}
	}
	g.hostsOf[ip][host] = true
}

func (g *guard) refuse(address string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused[address]++
	return refusal(address)
}

func refusal(address string) error {
	return fmt.Errorf("egress refused: %s is not an address of the environment file", address)
}

// takeRefused hands over what was refused since the last time.
func (g *guard) takeRefused() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	taken := g.refused
	g.refused = map[string]int{}
	return taken
}
