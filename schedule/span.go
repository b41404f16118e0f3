package schedule

import (
	"slices"
	"time"
)

// Span is a half-open stretch of time, [Start, End): two that touch do not
// overlap. A span whose End is not after its Start is empty.
type Span struct{ Start, End time.Time }

// Overlaps reports whether the two spans share an instant. An empty span
// overlaps nothing.
func (s Span) Overlaps(other Span) bool {
	return !s.empty() && !other.empty() && s.Start.Before(other.End) && other.Start.Before(s.End)
}

// Duration is the time that passes from Start to End. It is not the difference
// of the two wall times when the clocks change in between.
func (s Span) Duration() time.Duration { return s.End.Sub(s.Start) }

// Contains reports whether other lies within s. An empty span lies nowhere.
func (s Span) Contains(other Span) bool {
	return !other.empty() && !other.Start.Before(s.Start) && !other.End.After(s.End)
}

func (s Span) empty() bool { return !s.Start.Before(s.End) }

// intersect is the part of s within other, perhaps empty.
func (s Span) intersect(other Span) Span {
	return Span{Start: later(s.Start, other.Start), End: earlier(s.End, other.End)}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// mergeSpans sorts the spans, joins those that overlap or touch and leaves out
// empty ones. The argument is not changed.
func mergeSpans(spans []Span) []Span {
	sorted := slices.DeleteFunc(slices.Clone(spans), Span.empty)
	slices.SortFunc(sorted, func(a, b Span) int { return a.Start.Compare(b.Start) })
	var merged []Span
	for _, s := range sorted {
		if n := len(merged); n > 0 && !s.Start.After(merged[n-1].End) {
			merged[n-1].End = later(merged[n-1].End, s.End)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// subtractSpans gives what is left of base without cut. Both must be merged.
func subtractSpans(base, cut []Span) []Span {
	var left []Span
	for _, b := range base {
		for len(cut) > 0 && !cut[0].End.After(b.Start) {
			cut = cut[1:]
		}
		for _, c := range cut {
			if !c.Start.Before(b.End) {
				break
			}
			if b.Start.Before(c.Start) {
				left = append(left, Span{Start: b.Start, End: c.Start})
			}
			b.Start = c.End
		}
		if !b.empty() {
			left = append(left, b)
		}
	}
	return left
}
