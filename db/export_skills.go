package db

// exportedSkill is a row of a file of skills.
type exportedSkill struct {
	Slug string `db:"slug" json:"slug"`
	Name string `db:"name" json:"name"`
}

func (exportedSkill) query() string { return `select slug, name from asked, skills order by slug` }

func (exportedSkill) columns() []string { return []string{"slug", "name"} }

func (s exportedSkill) cells() ([]string, error) { return []string{s.Slug, s.Name}, nil }
