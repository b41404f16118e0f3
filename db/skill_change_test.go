package db_test

import (
	"context"
	"errors"
	"testing"

	"smartscheduler/db"
)

// TestSkillsAreAddedRenamedAndDeleted keeps one name for one skill, and deletes
// only what nobody has and no job needs.
func TestSkillsAreAddedRenamedAndDeleted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, ada, rosa := context.Background(), d.admin(), d.contractor("north", "Rosa")
	for _, name := range []string{"Gas & Heating", "Gas, heating", "床", "Tile"} {
		if err := d.db.AddSkill(ctx, ada, name); err != nil {
			t.Fatalf("add %s: %v", name, err)
		}
	}
	invalidAt(t, d.db.AddSkill(ctx, ada, "tILE"), "name")
	invalidAt(t, d.db.AddSkill(ctx, ada, ""), "name")
	if err := d.db.AddSkill(ctx, d.ann, "Carpet"); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a dispatcher's skill: %v, want ErrNotFound", err)
	}
	if n := d.countRows(`select count(distinct slug) from skills`); n != 4 {
		t.Errorf("%d skills, want 4", n)
	}
	if err := d.db.RenameSkill(ctx, ada, "tile", "Tile", "Tiles"); err != nil {
		t.Fatal(err)
	}
	refusedBy(t, d.db.RenameSkill(ctx, ada, "tile", "Tile", "Tiling"), db.ConflictStale)
	refusedBy(t, d.db.DeleteSkill(ctx, ada, "tile", "Tile"), db.ConflictStale)
	invalidAt(t, d.db.RenameSkill(ctx, ada, "tile", "Tiles", "gas & heating"), "name")
	d.exec(`insert into contractor_skills (contractor_id, skill) values ($1, 'tile')`, rosa)
	invalidAt(t, d.db.DeleteSkill(ctx, ada, "tile", "Tiles"), "name")
	d.exec(`delete from contractor_skills`)
	d.job("north", func(n *db.NewJob) { n.Skills = []string{"tile"} })
	invalidAt(t, d.db.DeleteSkill(ctx, ada, "tile", "Tiles"), "name")
	if err := d.db.DeleteSkill(ctx, ada, "gas-heating", "Gas & Heating"); err != nil {
		t.Error(err)
	}
	list, err := d.db.UsedSkills(ctx)
	if err != nil || len(list) != 3 || list[0].Used() && list[1].Used() {
		t.Errorf("left: %+v, %v", list, err)
	}
}

// TestSkillIsNotDeletedUnderAJob deletes a skill while a job that needs it is
// being entered: the deletion waits, and is refused.
func TestSkillIsNotDeletedUnderAJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada := d.admin()
	d.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	id := d.job("north")
	tx := d.begin()
	tx.exec(`select from skills`) // as whoever writes a job does first
	refused := make(chan error, 1)
	go func() { refused <- d.db.DeleteSkill(context.Background(), ada, "tile", "Tile") }()
	for d.countRows(`select count(*) from pg_locks where not granted and relation = 'skills'::regclass
	    and database = (select oid from pg_database where datname = current_database())`) == 0 {
		select {
		case err := <-refused:
			t.Fatalf("the deletion did not wait: %v", err)
		default:
		}
	}
	tx.exec(`update jobs set skills = '{tile}' where id = $1`, id)
	tx.commit()
	invalidAt(t, <-refused, "name")
}
