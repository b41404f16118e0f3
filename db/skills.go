package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

// Skill is something that a job can need and a contractor can have.
type Skill struct {
	Slug string `db:"slug"`
	Name string `db:"name"`
}

// Skills returns all skills by name.
func (db *DB) Skills(ctx context.Context) ([]Skill, error) {
	return listSkills(ctx, db.pool)
}

func listSkills(ctx context.Context, q sqlx.QueryerContext) ([]Skill, error) {
	var skills []Skill
	if err := sqlx.SelectContext(ctx, q, &skills, `select slug, name from skills order by name, slug`); err != nil {
		return nil, fmt.Errorf("list skills: %w", translate(err))
	}
	return skills, nil
}

func skillNames(ctx context.Context, q sqlx.QueryerContext) (map[string]string, error) {
	skills, err := listSkills(ctx, q)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(skills))
	for _, s := range skills {
		names[s.Slug] = s.Name
	}
	return names, nil
}

// skillSlugs returns the slugs of all skills by what a file may call them:
// slug or name, in lower case. A slug wins over another skill's name.
func skillSlugs(ctx context.Context, q sqlx.QueryerContext) (map[string]string, error) {
	names, err := skillNames(ctx, q)
	if err != nil {
		return nil, err
	}
	slugs := make(map[string]string, 2*len(names))
	for slug, name := range names {
		slugs[strings.ToLower(name)] = slug
	}
	for slug := range names {
		slugs[slug] = slug
	}
	return slugs, nil
}

// SkillNames returns the names of all skills by slug.
func (db *DB) SkillNames(ctx context.Context) (map[string]string, error) {
	return skillNames(ctx, db.pool)
}
