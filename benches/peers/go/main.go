// The series of a page by means of Go's client_golang: a GaugeVec or CounterVec a family, set once,
// gathered and encoded by promhttp on every scrape, with the compression that it has by default.
//
//	client_golang serve FILE PORT
//
// As in the Rust programs, only gauges and counters are read, and a label that a series doesn't have
// stands on the page with an empty value.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type family struct {
	kind, help string
	labels     []string
	gauge      *prometheus.GaugeVec
	counter    *prometheus.CounterVec
}

type sample struct {
	name   string
	labels map[string]string
	value  float64
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 || os.Args[1] != "serve" {
		log.Fatal("usage: client_golang serve FILE PORT")
	}
	registry, err := load(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", listener.Addr())
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	log.Fatal(http.Serve(listener, nil))
}

// load reads the page twice, first for the families and their labels, so that it never holds it whole.
func load(file string) (*prometheus.Registry, error) {
	families := map[string]*family{}
	order := []string{}
	err := eachSample(file, func(kind, help string, s sample) error {
		f := families[s.name]
		if f == nil {
			f = &family{kind: kind, help: help}
			families[s.name] = f
			order = append(order, s.name)
		}
		for name := range s.labels {
			if !contains(f.labels, name) {
				f.labels = append(f.labels, name)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	for _, name := range order {
		if err := families[name].register(name, registry); err != nil {
			return nil, err
		}
	}
	return registry, eachSample(file, func(_, _ string, s sample) error {
		return families[s.name].set(s)
	})
}

func (f *family) register(name string, registry *prometheus.Registry) error {
	if f.kind == "gauge" {
		f.gauge = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: f.help}, f.labels)
		return registry.Register(f.gauge)
	}
	f.counter = prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: f.help}, f.labels)
	return registry.Register(f.counter)
}

func (f *family) set(s sample) error {
	values := make([]string, len(f.labels))
	for i, name := range f.labels {
		values[i] = s.labels[name]
	}
	if f.gauge != nil {
		gauge, err := f.gauge.GetMetricWithLabelValues(values...)
		if err == nil {
			gauge.Set(s.value)
		}
		return err
	}
	counter, err := f.counter.GetMetricWithLabelValues(values...)
	if err == nil {
		counter.Add(s.value)
	}
	return err
}

func contains(names []string, name string) bool {
	for _, it := range names {
		if it == name {
			return true
		}
	}
	return false
}

func eachSample(path string, visit func(kind, help string, s sample) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	var kind, help string
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "# HELP "):
			help = ""
			if words := strings.SplitN(line, " ", 4); len(words) == 4 {
				help = words[3]
			}
		case strings.HasPrefix(line, "# TYPE "):
			kind = line[strings.LastIndexByte(line, ' ')+1:]
		case line == "" || line[0] == '#' || (kind != "gauge" && kind != "counter"):
		default:
			s, err := parse(line)
			if err != nil {
				return err
			}
			if err := visit(kind, help, s); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

func parse(line string) (sample, error) {
	s := sample{labels: map[string]string{}}
	end := strings.IndexAny(line, "{ ")
	if end < 0 {
		return s, fmt.Errorf("not a sample: %s", line)
	}
	s.name = line[:end]
	rest := line[end:]
	if rest[0] == '{' {
		rest = rest[1:]
		for !strings.HasPrefix(rest, "}") {
			equals := strings.Index(rest, `="`)
			if equals < 0 {
				return s, fmt.Errorf("not a sample: %s", line)
			}
			name := rest[:equals]
			quoted := rest[equals+1:]
			length := closingQuote(quoted)
			if length < 0 {
				return s, fmt.Errorf("not a sample: %s", line)
			}
			s.labels[name] = unescape.Replace(quoted[1:length])
			rest = strings.TrimPrefix(quoted[length+1:], ",")
		}
		rest = rest[1:]
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
	s.value = value
	return s, err
}

var unescape = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n")

// closingQuote is where the quote ends that text begins with; -1 where it doesn't.
func closingQuote(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
