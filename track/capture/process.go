package capture

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockTicks is how many of the ticks of /proc/PID/stat make a second: 100 on
// every Linux that Go runs on, whatever the kernel's own clock.
const clockTicks = 100

// tree is what a command and its children used.
type tree struct {
	known    bool
	at       time.Time
	cpu      float64 // seconds, that of children that ended included
	resident float64 // bytes
}

type process struct {
	parent        int
	cpu, resident float64
}

// readTree sums over a process and all that descend from it. A child whose
// parents are gone (a daemon) is not found.
func readTree(proc string, pid int) tree {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return tree{}
	}
	all := map[int]process{}
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, ok := parseStat(readSmall(filepath.Join(proc, e.Name(), "stat"))); ok {
			all[id] = p
		}
	}
	var t tree
	for id, p := range all {
		if id == pid || descends(all, p, pid) {
			t.known = true
			t.cpu += p.cpu
			t.resident += p.resident
		}
	}
	return t
}

func descends(all map[int]process, p process, from int) bool {
	for range 1000 { // the picture is not of one moment: a circle is possible
		if p.parent == from {
			return true
		}
		next, ok := all[p.parent]
		if !ok {
			return false
		}
		p = next
	}
	return false
}

// parseStat reads a line of /proc/PID/stat (proc_pid_stat(5)).
func parseStat(line string) (process, bool) {
	// The second field is the name in parentheses, which may hold anything.
	end := strings.LastIndexByte(line, ')')
	if end < 0 {
		return process{}, false
	}
	f := strings.Fields(line[end+1:]) // from the third field on
	if len(f) < 22 {
		return process{}, false
	}
	var p process
	p.parent, _ = strconv.Atoi(f[1])
	for _, ticks := range f[11:15] { // utime, stime, cutime, cstime
		n, _ := strconv.ParseFloat(ticks, 64)
		p.cpu += n / clockTicks
	}
	pages, _ := strconv.ParseFloat(f[21], 64)
	p.resident = pages * float64(os.Getpagesize())
	return p, true
}

// endOf is what a command that ended used. Its memory is the most that one of
// its processes had, so it is given only if there is nothing better.
func endOf(ended *os.ProcessState, only bool) tree {
	if ended == nil {
		return tree{}
	}
	t := tree{known: true, cpu: (ended.UserTime() + ended.SystemTime()).Seconds()}
	if only {
		t.resident = peakMemory(ended)
	}
	return t
}
