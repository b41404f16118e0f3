package db

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// UsedSkill is a skill with how many rely on it.
type UsedSkill struct {
	Skill
	// Contractors have it, Jobs need it, whatever their status.
	Contractors int `db:"contractors"`
	Jobs        int `db:"jobs"`
}

// Used tells whether anybody has the skill or any job needs it.
func (s UsedSkill) Used() bool { return s.Contractors+s.Jobs > 0 }

// UsedSkills returns all skills by name.
func (db *DB) UsedSkills(ctx context.Context) ([]UsedSkill, error) {
	var list []UsedSkill
	err := db.pool.SelectContext(ctx, &list, `
	  select k.slug, k.name, coalesce(c.n, 0) as contractors, coalesce(j.n, 0) as jobs
	    from skills k
	    left join (select skill, count(*) as n from contractor_skills group by skill) c on c.skill = k.slug
	    left join (select s as skill, count(*) as n from jobs, unnest(skills) s group by s) j on j.skill = k.slug
	   order by k.name, k.slug`)
	if err != nil {
		return nil, fmt.Errorf("list used skills: %w", translate(err))
	}
	return list, nil
}

// AddSkill adds a skill under a name that no other has, whatever its capitals.
// It returns *Invalid and, to everybody but administrators, ErrNotFound.
func (db *DB) AddSkill(ctx context.Context, by Actor, name string) error {
	err := db.changeSkills(ctx, by, func(tx *sqlx.Tx) error {
		if err := checkSkillName(ctx, tx, name, ""); err != nil {
			return err
		}
		slug := slugOf(name)
		var taken bool
		if err := tx.GetContext(ctx, &taken, `select exists (select from skills where slug = $1)`, slug); err != nil {
			return fmt.Errorf("look up slug: %w", err)
		}
		if taken || slug == "" {
			slug = strings.TrimLeft(fmt.Sprintf("%.50s-%.8s", slug, uuid.NewString()), "-")
		}
		if _, err := tx.ExecContext(ctx, `insert into skills (slug, name) values ($1, $2)`, slug, name); err != nil {
			return fmt.Errorf("insert skill: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add skill: %w", err)
	}
	return nil
}

// RenameSkill gives a skill another name; its slug stays. The name before must
// be the one that the form showed, else it returns *Conflict. The other errors
// are those of AddSkill, and ErrNotFound.
func (db *DB) RenameSkill(ctx context.Context, by Actor, slug, before, name string) error {
	err := db.changeSkills(ctx, by, func(tx *sqlx.Tx) error {
		if err := checkSkillShown(ctx, tx, slug, before); err != nil {
			return err
		}
		if err := checkSkillName(ctx, tx, name, slug); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `update skills set name = $2 where slug = $1`, slug, name); err != nil {
			return fmt.Errorf("update skill: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rename skill %s: %w", slug, err)
	}
	return nil
}

// DeleteSkill deletes a skill that nobody has and no job needs; of others it
// returns *Invalid. The other errors are those of RenameSkill.
func (db *DB) DeleteSkill(ctx context.Context, by Actor, slug, before string) error {
	err := db.changeSkills(ctx, by, func(tx *sqlx.Tx) error {
		if err := checkSkillShown(ctx, tx, slug, before); err != nil {
			return err
		}
		var used bool
		err := tx.GetContext(ctx, &used, `select exists (select from contractor_skills where skill = $1)
		    or exists (select from jobs where $1 = any(skills))`, slug)
		if err != nil {
			return fmt.Errorf("look up use: %w", err)
		}
		if used {
			return &Invalid{Field: "name", Message: before + " is in use: it can be renamed, not deleted"}
		}
		if _, err := tx.ExecContext(ctx, `delete from skills where slug = $1`, slug); err != nil {
			return fmt.Errorf("delete skill: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete skill %s: %w", slug, err)
	}
	return nil
}

// skillsLock is the advisory lock of the list of skills. Whoever gives a skill to
// a job or to a contractor holds it shared from before he looks it up.
const skillsLock = 81

// shareSkillsLock keeps the list of skills as it is until the end of the
// transaction.
func shareSkillsLock(ctx context.Context, tx *sqlx.Tx) error {
	if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock_shared($1)`, skillsLock); err != nil {
		return fmt.Errorf("hold the skills: %w", err)
	}
	return nil
}

// changeSkills runs a change of the list of skills while nobody relies on it. It
// waits for single commands, which are short, and refuses to wait for an import.
// Who only reads the list never waits.
func (db *DB) changeSkills(ctx context.Context, by Actor, do func(*sqlx.Tx) error) error {
	if !by.AllRegions {
		return ErrNotFound
	}
	return db.inTx(ctx, func(tx *sqlx.Tx) error {
		err := takeImportLock(ctx, tx)
		if errors.Is(err, ErrImportRunning) {
			return &Invalid{Field: "name", Message: "an import is running: try again when it is done", Err: err}
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock($1)`, skillsLock); err != nil {
			return fmt.Errorf("lock skills: %w", err)
		}
		return do(tx)
	})
}

func checkSkillShown(ctx context.Context, tx *sqlx.Tx, slug, before string) error {
	var name string
	if err := tx.GetContext(ctx, &name, `select name from skills where slug = $1`, slug); err != nil {
		return notFound(err)
	}
	if name != before {
		return &Conflict{Kind: ConflictStale}
	}
	return nil
}

// checkSkillName refuses a name that is empty, too long, or that another skill
// than own goes by.
func checkSkillName(ctx context.Context, tx *sqlx.Tx, name, own string) error {
	if n := len([]rune(name)); n < 1 || n > 200 {
		return &Invalid{Field: "name", Message: "write from 1 to 200 characters"}
	}
	var taken bool
	err := tx.GetContext(ctx, &taken, `select exists (select from skills
	  where slug <> $2 and (lower(name) = lower($1) or slug = lower($1)))`, name, own)
	if err != nil {
		return fmt.Errorf("look up name: %w", err)
	}
	if taken {
		return &Invalid{Field: "name", Message: "there is a skill of that name"}
	}
	return nil
}

// slugOf makes a slug from the letters and digits of a name that a slug can
// have; "" when it has none.
func slugOf(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	slug := b.String()
	return strings.Trim(slug[:min(len(slug), 63)], "-")
}
