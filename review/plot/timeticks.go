package plot

import (
	"math"
	"strconv"
	"time"
)

const (
	minute = 60.0
	hour   = 60 * minute
	day    = 24 * hour
)

// timeStep rounds seconds up to what clocks and calendars divide by.
func timeStep(raw float64) float64 {
	if raw <= 1 {
		return niceStep(raw)
	}
	for _, s := range []float64{
		2, 5, 10, 15, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
		hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day,
	} {
		if raw <= s {
			return s
		}
	}
	return niceStep(raw/day) * day
}

// duration writes seconds as their two largest parts, "2 m 14 s", "1 h 30 m".
// A step says how fine the parts on an axis are; 0 means as fine as it takes.
func duration(v, step float64) string {
	if v < 0 {
		return "-" + duration(-v, step)
	}
	switch {
	case v == 0:
		return "0 s"
	case v >= 1e6*day:
		return exponent(strconv.FormatFloat(v/day, 'g', 4, 64)) + " d"
	case v < minute && (step == 0 || step < 1):
		if step > 0 {
			return strconv.FormatFloat(v, 'f', decimals(step), 64) + " s"
		}
		return exponent(strconv.FormatFloat(v, 'g', 3, 64)) + " s"
	}
	s := int64(math.Round(v))
	parts := []struct {
		size int64
		mark string
	}{{int64(day), " d"}, {int64(hour), " h"}, {int64(minute), " m"}, {1, " s"}}
	for i, p := range parts {
		if s < p.size {
			continue
		}
		out := strconv.FormatInt(s/p.size, 10) + p.mark
		if i+1 < len(parts) {
			if rest := s % p.size / parts[i+1].size; rest > 0 {
				out += " " + strconv.FormatInt(rest, 10) + parts[i+1].mark
			}
		}
		return out
	}
	return "0 s"
}

// clockText writes a time of UTC in a layout of package time.
func clockText(v float64, layout string) string {
	const year9999 = 253402300799
	if !(v > -year9999 && v < year9999) {
		return exponent(strconv.FormatFloat(v, 'g', 4, 64)) + " s"
	}
	whole := math.Floor(v)
	return time.Unix(int64(whole), int64((v-whole)*1e9)).UTC().Format(layout)
}

// clockTick is as fine as the step of its axis.
func clockTick(v, step float64) string {
	switch {
	case step >= 300*day:
		return clockText(v, "2006")
	case step >= day:
		return clockText(v, "2 Jan")
	case step >= minute:
		if math.Mod(v, day) == 0 {
			return clockText(v, "2 Jan")
		}
		return clockText(v, "15:04")
	case step >= 1:
		return clockText(v, "15:04:05")
	}
	return clockText(v, "15:04:05.000")
}
