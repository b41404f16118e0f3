package schedule_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"smartscheduler/schedule"
)

// TestRuleTexts: each version has a text for each rule that it knew, and the texts
// of a version are those that were shown when it was decided by.
func TestRuleTexts(t *testing.T) {
	t.Parallel()
	rules := []string{
		schedule.RuleSkillMissing, schedule.RuleSkillExpired, schedule.RuleOverlap, schedule.RuleOff,
		schedule.RuleOutsideHours, schedule.RuleLongDay, schedule.RuleDayFull,
	}
	digests := map[int]string{1: "e802e4cf5d098abe"}
	for version := 1; version <= schedule.RulesVersion; version++ {
		all := sha256.New()
		for _, rule := range rules {
			text := schedule.RuleText(version, rule)
			if text == "" {
				t.Errorf("version %d has no text for %s", version, rule)
			}
			all.Write([]byte(rule + "=" + text + "\n"))
		}
		if got := hex.EncodeToString(all.Sum(nil)[:8]); got != digests[version] {
			t.Errorf("the texts of version %d have the digest %s, not %s: change them in a new version", version, got, digests[version])
		}
	}
	for version, rule := range map[int]string{0: schedule.RuleOverlap, schedule.RulesVersion + 1: schedule.RuleOverlap, 1: "nonsense"} {
		if text := schedule.RuleText(version, rule); text != "" {
			t.Errorf("version %d says of %s: %s", version, rule, text)
		}
	}
}
